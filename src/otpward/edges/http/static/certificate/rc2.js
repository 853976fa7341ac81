// RC2 (RFC 2268), decryption of one block: what older programs lock the certificates in a .pfx file with.

const PI = Uint8Array.from(
  ("d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    + "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb6266fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    + "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    + "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
  ).match(/../g), (pair) => parseInt(pair, 16));

// The key expansion of §2; the effective length is that of the key.
function expanded(key) {
  const octets = new Uint8Array(128);
  const size = key.length;
  octets.set(key);
  for (let i = size; i < 128; i++) octets[i] = PI[octets[i - 1] + octets[i - size] & 255];
  octets[128 - size] = PI[octets[128 - size]];
  for (let i = 127 - size; i >= 0; i--) octets[i] = PI[octets[i + 1] ^ octets[i + size]];
  return new Uint16Array(octets.buffer);
}

export function rc2(key) {
  const words = expanded(key);
  const turns = [1, 2, 3, 5];
  return (block) => {
    const state = Uint16Array.from({ length: 4 }, (_, i) => block[2 * i] | block[2 * i + 1] << 8);
    let at = 63;
    for (let round = 15; round >= 0; round--) {
      for (let i = 3; i >= 0; i--, at--) {
        const [a, b, c] = [state[i + 3 & 3], state[i + 2 & 3], state[i + 1 & 3]];
        const turned = state[i] >>> turns[i] | state[i] << 16 - turns[i];
        state[i] = turned - words[at] - (a & b) - (~a & c);
      }
      if (round === 11 || round === 5) for (let i = 3; i >= 0; i--) state[i] -= words[state[i + 3 & 3] & 63];
    }
    return Uint8Array.from({ length: 8 }, (_, i) => state[i >> 1] >> 8 * (i & 1));
  };
}
