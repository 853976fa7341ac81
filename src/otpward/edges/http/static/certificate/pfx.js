// Opens a .pfx file (RFC 7292). Padding and contents tell a wrong password; the MAC is left aside.
import { INTEGER, OCTETS, OID, SEQUENCE, context, expect, oid, parse, parts } from "./der.js";
import { decrypted } from "./locks.js";
import { Refusal } from "./refusal.js";

const DATA = "1.2.840.113549.1.7.1";
const ENCRYPTED_DATA = "1.2.840.113549.1.7.6";
const KEY_BAG = "1.2.840.113549.1.12.10.1.1";
const SHROUDED_KEY_BAG = "1.2.840.113549.1.12.10.1.2";
const CERTIFICATE_BAG = "1.2.840.113549.1.12.10.1.3";

async function contents(info, password) {
  const [kind, explicit] = expect(info, OID, context(0));
  const [inner] = parts(explicit);
  if (oid(kind) === DATA) return inner.body;
  if (oid(kind) !== ENCRYPTED_DATA) throw new Refusal("cipher");
  const [, sealed] = expect(inner, INTEGER, SEQUENCE);
  const [, algorithm, octets] = expect(sealed, OID, SEQUENCE, 0x80);
  return readable(await decrypted(algorithm, password, octets.body));
}

// One wrong password in 256 looks padded.
function readable(plain) {
  try {
    return parse(plain, SEQUENCE).raw;
  } catch {
    throw new Refusal("password");
  }
}

async function openBag(bag, password, found) {
  const [kind, explicit] = expect(bag, OID, context(0));
  const [value] = parts(explicit);
  const name = oid(kind);
  if (name === CERTIFICATE_BAG) found.certificates.push(expect(expect(value, OID, context(0))[1], OCTETS)[0].body.slice());
  if (name === KEY_BAG) found.keys.push(value.raw.slice());
  if (name === SHROUDED_KEY_BAG) {
    const [algorithm, sealed] = expect(value, SEQUENCE, OCTETS);
    found.keys.push(await decrypted(algorithm, password, sealed.body));
  }
}

export async function openPfx(file, password) {
  const found = { certificates: [], keys: [] };
  const [, safe] = expect(parse(file, SEQUENCE), INTEGER, SEQUENCE);
  for (const info of parts(parse(await contents(safe, password), SEQUENCE))) {
    for (const bag of parts(parse(await contents(info, password), SEQUENCE))) await openBag(bag, password, found);
  }
  return found;
}
