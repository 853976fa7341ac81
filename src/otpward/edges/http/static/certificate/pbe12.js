// The locks of PKCS #12's own (RFC 7292 appendix B, C): SHA-1, and Triple DES or RC2.
import { INTEGER, OCTETS, expect, joined, number } from "./der.js";
import { tripleDes } from "./des.js";
import { rc2 } from "./rc2.js";
import { Refusal } from "./refusal.js";

const SCHEMES = {
  "1.2.840.113549.1.12.1.3": [24, tripleDes],
  "1.2.840.113549.1.12.1.5": [16, rc2],
  "1.2.840.113549.1.12.1.6": [5, rc2],
};
const [FOR_KEY, FOR_IV] = [1, 2];
const BLOCK = 64;
const MOST_ROUNDS = 200_000;

export const isOwn = (name) => name in SCHEMES;

// UTF-16 with its end, as §B.1 has it.
const wide = (text) => Uint8Array.from({ length: 2 * text.length + 2 }, (_, i) => text.charCodeAt(i >> 1) >> (i & 1 ? 0 : 8));
const filled = (octets, size) => Uint8Array.from({ length: size }, (_, i) => octets[i % octets.length]);
const whole = (octets) => filled(octets, BLOCK * Math.ceil(octets.length / BLOCK));

// Appendix B.2.
async function derived(purpose, password, salt, rounds, size) {
  const mixed = joined(whole(salt), whole(password));
  let found = new Uint8Array(0);
  for (;;) {
    let digest = joined(filled([purpose], BLOCK), mixed);
    for (let left = rounds; left; left--) digest = new Uint8Array(await crypto.subtle.digest("SHA-1", digest));
    found = joined(found, digest);
    if (found.length >= size) return found.slice(0, size);
    const added = filled(digest, BLOCK);
    for (let start = 0; start < mixed.length; start += BLOCK) {
      for (let i = BLOCK - 1, carry = 1; i >= 0; i--, carry >>= 8) mixed[start + i] = carry += mixed[start + i] + added[i];
    }
  }
}

export async function decryptOwn(name, parameters, password, sealed) {
  const [salt, count] = expect(parameters, OCTETS, INTEGER);
  const rounds = number(count);
  const [size, cipher] = SCHEMES[name];
  if (rounds < 1 || rounds > MOST_ROUNDS || !salt.body.length) throw new Refusal("cipher");
  if (!sealed.length || sealed.length % 8) throw new Refusal("kind");
  const secret = wide(new TextDecoder().decode(password));
  const open = cipher(await derived(FOR_KEY, secret, salt.body, rounds, size));
  let before = await derived(FOR_IV, secret, salt.body, rounds, 8);
  const plain = new Uint8Array(sealed.length);
  for (let at = 0; at < sealed.length; at += 8) {
    const block = sealed.subarray(at, at + 8);
    plain.set(open(block).map((octet, i) => octet ^ before[i]), at);
    before = block;
  }
  return plain;
}
