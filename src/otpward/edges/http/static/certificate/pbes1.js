// The two older locks of signPri.key: PBKDF1 and SEED.
import { SEED_CBC, opened, rounds } from "./cbc.js";
import { INTEGER, OCTETS, expect } from "./der.js";
import { joined } from "./write.js";

const SEED_CBC_WITH_SHA1 = "1.2.410.200004.1.15";
const OLD_IV = new TextEncoder().encode("0123456789012345");

export const isOld = (name) => name === SEED_CBC_WITH_SHA1 || name === SEED_CBC;

const sha1 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));

// PBKDF1 with SHA-1 (RFC 8018 §5.1): 16 octets are the key; the IV comes of the other four, or is the old fixed one.
export async function openOld(name, parameters, password, sealed) {
  const [salt, count] = expect(parameters, OCTETS, INTEGER);
  let derived = await sha1(joined(password, salt.body));
  for (let left = rounds(count) - 1; left; left--) derived = await sha1(derived);
  const iv = name === SEED_CBC ? OLD_IV : (await sha1(derived.slice(16))).slice(0, 16);
  return opened(SEED_CBC, derived.slice(0, 16), iv, sealed);
}
