// Files and a password in, a signature out. What was unlocked on the way is wiped, or left to the browser's own store of keys.
import { signed } from "./cms.js";
import { companyNumber } from "./company-number.js";
import { randomToShow } from "./company.js";
import { sorted, usable } from "./files.js";
import { pairOf } from "./pair.js";
import { Refusal } from "./refusal.js";
import { base64 } from "./write.js";

// `company`: the number as typed, and the kinds of certificates that are issued to companies.
export async function sign(files, password, content, now, company = { typed: "", kinds: [] }) {
  if (!files.length) throw new Refusal("none");
  const found = sorted(files);
  if (!found.boxes.length && !(found.certificates.length && found.keys.length)) throw new Refusal("files");
  // What a certificate says of itself needs no password.
  if (found.certificates.length) usable(found.certificates, now.getTime());
  if (!password) throw new Refusal("empty");
  const number = companyNumber(company.typed);
  const secret = new TextEncoder().encode(password);
  try {
    const { key, certificate, random } = await pairOf(found, secret, now, Boolean(number));
    const vid_random = number ? await randomToShow(number, random, certificate, company.kinds) : "";
    return { cms: base64(await signed(content, certificate, key, now)), company: number, vid_random };
  } finally {
    secret.fill(0);
  }
}
