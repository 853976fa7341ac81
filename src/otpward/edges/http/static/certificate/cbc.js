// Opens what is locked with a block cipher in CBC: SEED here, AES by the browser. Padding tells whether the key was right.
import { number } from "./der.js";
import { Refusal } from "./refusal.js";
import { decryptCbc } from "./seed.js";

export const SEED_CBC = "1.2.410.200004.1.4";
// NPKI keys say 2048. A file that asks for hours is not one.
const MOST_ROUNDS = 2_000_000;

export function unpadded(plain, block = 16) {
  const length = plain.at(-1);
  if (!(length >= 1 && length <= block) || !plain.subarray(-length).every((octet) => octet === length)) throw new Refusal("password");
  return plain.subarray(0, -length);
}

export async function opened(cipher, key, iv, sealed) {
  if (sealed.length === 0 || sealed.length % 16 || iv.length !== 16) throw new Refusal("kind");
  if (cipher === SEED_CBC) return unpadded(decryptCbc(key, iv, sealed));
  const aes = await crypto.subtle.importKey("raw", key, "AES-CBC", false, ["decrypt"]);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, aes, sealed));
  } catch {
    throw new Refusal("password");
  }
}

// How often a password is hashed.
export function rounds(value) {
  const found = number(value);
  if (found < 1 || found > MOST_ROUNDS) throw new Refusal("cipher");
  return found;
}
