// Hands a private key (RFC 5958) to the browser's own signer. Beside it lies R, the random number of the VID.
import { BITS, INTEGER, OCTETS, OID, SEQUENCE, SET, context, expect, oid, parse, parts } from "./der.js";
import { decrypted } from "./locks.js";
import { Refusal } from "./refusal.js";
import { write } from "./write.js";

const RSA = "1.2.840.113549.1.1.1";
const RANDOM = "1.2.410.200004.10.1.1.3";

function pieces(plain) {
  try {
    const found = expect(parse(plain, SEQUENCE), INTEGER, SEQUENCE, OCTETS);
    if (oid(expect(found[1], OID)[0]) !== RSA) throw new Refusal("cipher");
    const [, modulus] = expect(parse(found[2].body, SEQUENCE), INTEGER, INTEGER);
    return { found, modulus: modulus.body.slice() };
  } catch (error) {
    // One wrong password in 256 leaves something that looks padded.
    throw error.why === "kind" ? new Refusal("password") : error;
  }
}

function randomOf(found) {
  const attributes = found.filter((piece) => piece.tag === context(0)).flatMap(parts);
  const mine = attributes.map((one) => expect(one, OID, SET)).find(([name]) => oid(name) === RANDOM);
  return mine ? expect(mine[1], BITS)[0].body.slice(1) : null;
}

// The browser's signer refuses the attribute beside the key: it stays out.
export async function readKey(plain, withRandom) {
  const { found, modulus } = pieces(plain);
  const bare = write(SEQUENCE, ...found.slice(0, 3).map((piece) => piece.raw));
  const how = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("pkcs8", bare, how, false, ["sign"]);
    return { key, modulus, random: withRandom ? randomOf(found) : null };
  } catch (error) {
    throw error.why ? error : new Refusal("cipher");
  } finally {
    bare.fill(0);
    plain.fill(0);
  }
}

export async function openKey(file, password, withRandom) {
  const [algorithm, sealed] = expect(parse(file, SEQUENCE), SEQUENCE, OCTETS);
  return readKey(await decrypted(algorithm, password, sealed.body), withRandom);
}
