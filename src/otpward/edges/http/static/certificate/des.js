// Triple DES (FIPS 46-3), decryption of one block: what older programs lock a .pfx file with. Bit by bit, since a file is small.

const rows = (starts, step, count) => starts.flatMap((start) => Array.from({ length: count }, (_, i) => start - step * i));
const IP = rows([58, 60, 62, 64, 57, 59, 61, 63], 8, 8);
const FP = IP.map((_, i) => IP.indexOf(i + 1) + 1);
const E = Array.from({ length: 48 }, (_, i) => (4 * Math.floor(i / 6) + (i % 6) + 31) % 32 + 1);
const P = [16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25];
const PC1 = [...rows([57, 58, 59], 8, 8), 60, 52, 44, 36, ...rows([63, 62, 61], 8, 8), 28, 20, 12, 4];
const PC2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const TURNS = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
// Four rows of sixteen each, a hexadecimal digit for a value.
const S = [
  "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
  "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
  "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
  "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
  "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
  "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
  "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
  "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
].map((digits) => Array.from(digits, (digit) => parseInt(digit, 16)));

const bits = (octets) => Array.from(octets).flatMap((one) => [7, 6, 5, 4, 3, 2, 1, 0].map((place) => one >> place & 1));
const octet = (found, at) => found.slice(at, at + 8).reduce((sum, bit) => 2 * sum + bit);
const octets = (found) => Uint8Array.from({ length: found.length / 8 }, (_, i) => octet(found, 8 * i));
const picked = (table, from) => table.map((place) => from[place - 1]);

function subkeys(key) {
  let half = picked(PC1, bits(key));
  const turned = (part, by) => [...part.slice(by), ...part.slice(0, by)];
  return TURNS.map((by) => {
    half = [...turned(half.slice(0, 28), by), ...turned(half.slice(28), by)];
    return picked(PC2, half);
  });
}

function f(right, subkey) {
  const mixed = picked(E, right).map((bit, i) => bit ^ subkey[i]);
  const found = S.flatMap((box, i) => {
    const [a, b, c, d, e, last] = mixed.slice(6 * i, 6 * i + 6);
    const value = box[16 * (2 * a + last) + 8 * b + 4 * c + 2 * d + e];
    return [3, 2, 1, 0].map((place) => value >> place & 1);
  });
  return picked(P, found);
}

function des(block, keys) {
  let state = picked(IP, block);
  for (const subkey of keys) {
    const right = state.slice(32);
    const mixed = f(right, subkey);
    state = [...right, ...state.slice(0, 32).map((bit, i) => bit ^ mixed[i])];
  }
  return picked(FP, [...state.slice(32), ...state.slice(0, 32)]);
}

export function tripleDes(key) {
  const [first, second, third] = [0, 8, 16].map((at) => subkeys(key.subarray(at, at + 8)));
  const steps = [third.reverse(), second, first.reverse()];
  return (block) => octets(steps.reduce(des, bits(block)));
}
