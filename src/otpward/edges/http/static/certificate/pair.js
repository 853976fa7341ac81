// The key that opens, and the certificate that it belongs to.
import { usable } from "./files.js";
import { openKey, readKey } from "./key.js";
import { openPfx } from "./pfx.js";
import { Refusal } from "./refusal.js";
import { readCertificate } from "./x509.js";

const same = (a, b) => a.length === b.length && a.every((octet, i) => octet === b[i]);

export async function pairOf({ certificates, keys, boxes }, secret, now, withRandom) {
  const opened = keys.map((file) => () => openKey(file, secret, withRandom));
  for (const box of boxes) {
    const inside = await openPfx(box, secret);
    certificates.push(...inside.certificates.map(readCertificate));
    opened.push(...inside.keys.map((plain) => () => readKey(plain, withRandom)));
  }
  const current = usable(certificates, now.getTime());
  for (const open of opened) {
    const found = await open();
    const certificate = current.find((one) => same(one.modulus, found.modulus));
    if (certificate) return { ...found, certificate };
  }
  throw new Refusal("pair");
}
