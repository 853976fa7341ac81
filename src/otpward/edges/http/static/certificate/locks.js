// The locks of a private key: those of signPri.key in its three forms, and what other tools use for PKCS #8 (RFC 8018).
import { SEED_CBC, opened, rounds, unpadded } from "./cbc.js";
import { INTEGER, OCTETS, OID, SEQUENCE, expect, oid } from "./der.js";
import { isOld, openOld } from "./pbes1.js";
import { decryptOwn, isOwn } from "./pbe12.js";
import { Refusal } from "./refusal.js";

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const PRFS = { "1.2.840.113549.2.7": "SHA-1", "1.2.840.113549.2.9": "SHA-256", "1.2.840.113549.2.11": "SHA-512" };
const CIPHERS = { [SEED_CBC]: 16, "2.16.840.1.101.3.4.1.2": 16, "2.16.840.1.101.3.4.1.22": 24, "2.16.840.1.101.3.4.1.42": 32 };

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
  if (isOld(found)) return openOld(found, parameters, password, sealed);
  if (isOwn(found)) return unpadded(await decryptOwn(found, parameters, password, sealed), 8);
  throw new Refusal("cipher");
}
