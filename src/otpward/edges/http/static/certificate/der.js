// Reads DER (X.690). A value that is not exactly as long as it says is refused.
import { Refusal } from "./refusal.js";

export const [INTEGER, BITS, OCTETS, NULL, OID, UTC_TIME, TIME, SEQUENCE, SET] = [2, 3, 4, 5, 6, 0x17, 0x18, 0x30, 0x31];
export const context = (number) => 0xa0 + number;

function readAt(bytes, start) {
  let at = start + 2;
  let length = bytes[start + 1];
  if (length > 0x7f) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > 3) throw new Refusal("kind");
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + bytes[at++];
  }
  // A length past the end is NaN or too much: neither is smaller or equal.
  if (!(at + length <= bytes.length)) throw new Refusal("kind");
  return { tag: bytes[start], body: bytes.subarray(at, at + length), raw: bytes.subarray(start, at + length) };
}

export function parse(bytes, tag) {
  const value = readAt(bytes, 0);
  if (value.raw.length !== bytes.length || (tag && value.tag !== tag)) throw new Refusal("kind");
  return value;
}

export function parts(value) {
  const found = [];
  for (let at = 0; at < value.body.length; at += found.at(-1).raw.length) found.push(readAt(value.body, at));
  return found;
}

// The parts of a value, when each is what it should be; more may follow.
export function expect(value, ...tags) {
  const found = value ? parts(value) : [];
  if (tags.some((tag, i) => tag && found[i]?.tag !== tag)) throw new Refusal("kind");
  return found;
}

export function oid(value) {
  const numbers = [0];
  for (const octet of value.body) {
    numbers.push(numbers.pop() * 128 + (octet & 0x7f));
    if (octet < 0x80) numbers.push(0);
  }
  const [first, ...rest] = numbers.slice(0, -1);
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join(".");
}

export const number = (value) => value.body.reduce((sum, octet) => sum * 256 + octet, 0);
