// Opens an encrypted private key: signPri.key in its three forms, and what other tools write as PKCS #8 (RFC 5958, RFC 8018).
import { INTEGER, OCTETS, OID, SEQUENCE, expect, joined, number, oid, parse, write } from "./der.js";
import { decryptOwn, isOwn } from "./pbe12.js";
import { Refusal } from "./refusal.js";
import { decryptCbc } from "./seed.js";

const SEED_CBC = "1.2.410.200004.1.4";
const SEED_CBC_WITH_SHA1 = "1.2.410.200004.1.15";
const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const RSA = "1.2.840.113549.1.1.1";
const PRFS = { "1.2.840.113549.2.7": "SHA-1", "1.2.840.113549.2.9": "SHA-256", "1.2.840.113549.2.11": "SHA-512" };
const CIPHERS = { [SEED_CBC]: 16, "2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32 };
const OLD_IV = new TextEncoder().encode("0123456789012345");
// NPKI keys say 2048. A file that asks for hours is not one.
const MOST_ROUNDS = 2_000_000;

const sha1 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));

function rounds(value) {
  const found = number(value);
  if (found < 1 || found > MOST_ROUNDS) throw new Refusal("cipher");
  return found;
}

function unpadded(plain, block = 16) {
  const length = plain.at(-1);
  if (!(length >= 1 && length <= block) || !plain.subarray(-length).every((octet) => octet === length)) throw new Refusal("password");
  return plain.subarray(0, -length);
}

async function opened(cipher, key, iv, sealed) {
  if (sealed.length === 0 || sealed.length % 16 || iv.length !== 16) throw new Refusal("kind");
  if (cipher === SEED_CBC) return unpadded(decryptCbc(key, iv, sealed));
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, sealed));
  } catch {
    throw new Refusal("password");
  }
}

// PBKDF1 with SHA-1 (RFC 8018 §5.1): 16 octets are the key; the IV comes of the other four, or is the old fixed one.
async function openOld(name, parameters, password, sealed) {
  const [salt, count] = expect(parameters, OCTETS, INTEGER);
  let derived = await sha1(joined(password, salt.body));
  for (let left = rounds(count) - 1; left; left--) derived = await sha1(derived);
  const iv = name === SEED_CBC ? OLD_IV : (await sha1(derived.slice(16))).slice(0, 16);
  return opened(SEED_CBC, derived.slice(0, 16), iv, sealed);
}

// PBES2 with PBKDF2 (RFC 8018 §6.2).
async function openNew(parameters, password, sealed) {
  const [derivation, encryption] = expect(parameters, SEQUENCE, SEQUENCE);
  const [how, settings] = expect(derivation, OID, SEQUENCE);
  const [cipher, iv] = expect(encryption, OID, OCTETS);
  const [salt, count, ...more] = expect(settings, OCTETS, INTEGER);
  const prf = more.find((part) => part.tag === SEQUENCE);
  const hash = prf ? PRFS[oid(expect(prf, OID)[0])] : "SHA-1";
  const octets = CIPHERS[oid(cipher)];
  if (oid(how) !== PBKDF2 || !hash || !octets) throw new Refusal("cipher");
  const base = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const key = await crypto.subtle.deriveBits({ name: "PBKDF2", hash, salt: salt.body, iterations: rounds(count) }, base, octets * 8);
  return opened(oid(cipher), new Uint8Array(key), iv.body, sealed);
}

export async function decrypted(algorithm, password, sealed) {
  const [name, parameters] = expect(algorithm, OID, SEQUENCE);
  const found = oid(name);
  if (found === PBES2) return openNew(parameters, password, sealed);
  if (found === SEED_CBC_WITH_SHA1 || found === SEED_CBC) return openOld(found, parameters, password, sealed);
  if (isOwn(found)) return unpadded(await decryptOwn(found, parameters, password, sealed), 8);
  throw new Refusal("cipher");
}

// The signing key and its modulus. The attribute beside the key (the random number of the VID) stays out: browsers refuse it.
export async function readKey(plain) {
  let pieces, modulus;
  try {
    pieces = expect(parse(plain, SEQUENCE), INTEGER, SEQUENCE, OCTETS);
    if (oid(expect(pieces[1], OID)[0]) !== RSA) throw new Refusal("cipher");
    modulus = expect(parse(pieces[2].body, SEQUENCE), INTEGER, INTEGER)[1].body;
  } catch (error) {
    // One wrong password in 256 leaves something that looks padded.
    throw error.why === "kind" ? new Refusal("password") : error;
  }
  const bare = write(SEQUENCE, ...pieces.slice(0, 3).map((piece) => piece.raw));
  const how = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  try {
    return { key: await crypto.subtle.importKey("pkcs8", bare, how, false, ["sign"]), modulus: modulus.slice() };
  } catch {
    throw new Refusal("cipher");
  } finally {
    bare.fill(0);
    plain.fill(0);
  }
}

export async function openKey(file, password) {
  const [algorithm, sealed] = expect(parse(file, SEQUENCE), SEQUENCE, OCTETS);
  return readKey(await decrypted(algorithm, password, sealed.body));
}
