// The locks of PKCS #12's own (RFC 7292 appendix B, C): SHA-1, and Triple DES or RC2.
import { INTEGER, OCTETS, expect, number } from "./der.js";
import { tripleDes } from "./des.js";
import { derived, wide } from "./pbkdf12.js";
import { rc2 } from "./rc2.js";
import { Refusal } from "./refusal.js";

const SCHEMES = {
  "1.2.840.113549.1.12.1.3": [24, tripleDes],
  "1.2.840.113549.1.12.1.5": [16, rc2],
  "1.2.840.113549.1.12.1.6": [5, rc2],
};
const [FOR_KEY, FOR_IV] = [1, 2];
const MOST_ROUNDS = 200_000;

export const isOwn = (name) => name in SCHEMES;

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
