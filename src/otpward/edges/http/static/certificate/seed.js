// SEED (RFC 4269) in CBC, decryption only: browsers do not have it, and keys of the Korean PKI are kept under it.

// The S-boxes are powers in GF(2^8) mod x^8+x^6+x^5+x+1 behind an affine map (RFC 4269 §2.2).
function substitution(power, columns, constant) {
  const times = (a, b) => {
    let product = 0;
    for (; b; b >>= 1, a = (a << 1) ^ (a & 0x80 ? 0x163 : 0)) if (b & 1) product ^= a;
    return product;
  };
  return Uint8Array.from({ length: 256 }, (_, x) => {
    let y = 1;
    for (let i = 0; i < power; i++) y = times(y, x);
    return columns.reduce((sum, column, bit) => sum ^ (y >> bit & 1 ? column : 0), constant);
  });
}

const S1 = substitution(247, [0x2c, 0xd0, 0x69, 0xc2, 0x41, 0x44, 0x58, 0xe2], 0xa9);
const S2 = substitution(251, [0xd0, 0x2a, 0xe1, 0x2c, 0x21, 0x30, 0xa2, 0x6c], 0x38);

// A byte through its S-box and the masks of G, for each place in the word.
const spread = (box, ...masks) => Uint32Array.from(box, (y) => masks.reduce((word, mask) => word << 8 | y & mask, 0));
const SS0 = spread(S1, 0x3f, 0xcf, 0xf3, 0xfc);
const SS1 = spread(S2, 0xfc, 0x3f, 0xcf, 0xf3);
const SS2 = spread(S1, 0xf3, 0xfc, 0x3f, 0xcf);
const SS3 = spread(S2, 0xcf, 0xf3, 0xfc, 0x3f);

const g = (x) => SS0[x & 255] ^ SS1[x >>> 8 & 255] ^ SS2[x >>> 16 & 255] ^ SS3[x >>> 24];

function roundKeys(key) {
  const words = new DataView(key.buffer, key.byteOffset, 16);
  let [a, b, c, d] = [0, 4, 8, 12].map((at) => words.getInt32(at));
  const keys = new Int32Array(32);
  for (let round = 0, constant = 0x9e3779b9 | 0; round < 16; round++, constant = constant << 1 | constant >>> 31) {
    keys[2 * round] = g(a + c - constant | 0);
    keys[2 * round + 1] = g(b - d + constant | 0);
    if (round % 2) [c, d] = [c << 8 | d >>> 24, d << 8 | c >>> 24];
    else [a, b] = [a >>> 8 | b << 24, b >>> 8 | a << 24];
  }
  return keys;
}

// Whole blocks in, whole blocks out; what is padding is for the caller to know.
export function decryptCbc(key, iv, sealed) {
  const keys = roundKeys(key);
  const opened = new Uint8Array(sealed.length);
  const from = new DataView(sealed.buffer, sealed.byteOffset, sealed.length);
  const to = new DataView(opened.buffer);
  const start = new DataView(iv.buffer, iv.byteOffset, 16);
  let [p0, p1, p2, p3] = [0, 4, 8, 12].map((at) => start.getInt32(at));
  for (let at = 0; at < sealed.length; at += 16) {
    const c0 = from.getInt32(at), c1 = from.getInt32(at + 4), c2 = from.getInt32(at + 8), c3 = from.getInt32(at + 12);
    let l0 = c0, l1 = c1, r0 = c2, r1 = c3;
    for (let i = 30; i >= 0; i -= 2) {
      let t0 = r0 ^ keys[i];
      let t1 = g(r1 ^ keys[i + 1] ^ t0);
      t0 = g(t0 + t1 | 0);
      t1 = g(t1 + t0 | 0);
      t0 = t0 + t1 | 0;
      const x0 = l0 ^ t0, x1 = l1 ^ t1;
      l0 = r0, l1 = r1, r0 = x0, r1 = x1;
    }
    to.setInt32(at, r0 ^ p0), to.setInt32(at + 4, r1 ^ p1), to.setInt32(at + 8, l0 ^ p2), to.setInt32(at + 12, l1 ^ p3);
    p0 = c0, p1 = c1, p2 = c2, p3 = c3;
  }
  return opened;
}
