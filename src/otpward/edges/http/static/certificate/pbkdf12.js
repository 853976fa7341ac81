// How PKCS #12 makes keys of a password (RFC 7292 appendix B.2), with SHA-1.
import { joined } from "./write.js";

const BLOCK = 64;

// UTF-16 with its end, as §B.1 has it.
export const wide = (text) => Uint8Array.from({ length: 2 * text.length + 2 }, (_, i) => text.charCodeAt(i >> 1) >> (i & 1 ? 0 : 8));
const filled = (octets, size) => Uint8Array.from({ length: size }, (_, i) => octets[i % octets.length]);
const whole = (octets) => filled(octets, BLOCK * Math.ceil(octets.length / BLOCK));

export async function derived(purpose, password, salt, rounds, size) {
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
