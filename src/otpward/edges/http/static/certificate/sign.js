// Files and a password in, a signature out. What was unlocked on the way is wiped, or left to the browser's own store of keys.
import { BITS, INTEGER, OCTETS, SEQUENCE, parse, parts } from "./der.js";
import { base64, signed } from "./cms.js";
import { openKey, readKey } from "./npki.js";
import { openPfx } from "./pfx.js";
import { Refusal } from "./refusal.js";
import { readCertificate } from "./x509.js";

// By what they are, not by what they are called.
const KINDS = {
  [[SEQUENCE, SEQUENCE, BITS].join()]: "certificates",
  [[SEQUENCE, OCTETS].join()]: "keys",
  [[INTEGER, SEQUENCE, SEQUENCE].join()]: "boxes",
  [[INTEGER, SEQUENCE].join()]: "boxes",
};

function sorted(files) {
  const found = { certificates: [], keys: [], boxes: [] };
  for (const file of files) {
    const kind = KINDS[parts(parse(file, SEQUENCE)).map((part) => part.tag).join()];
    if (!kind) throw new Refusal("kind");
    found[kind].push(kind === "certificates" ? readCertificate(file) : file);
  }
  return found;
}

function usable(certificates, now) {
  const forSigning = certificates.filter((one) => one.signs);
  if (!forSigning.length) throw new Refusal("purpose");
  const current = forSigning.filter((one) => one.from <= now && now <= one.until);
  if (!current.length) throw new Refusal(forSigning[0].until < now ? "expired" : "early");
  return current;
}

const same = (a, b) => a.length === b.length && a.every((octet, i) => octet === b[i]);

async function signWith({ certificates, keys, boxes }, secret, content, now) {
  const opened = keys.map((file) => () => openKey(file, secret));
  for (const box of boxes) {
    const inside = await openPfx(box, secret);
    certificates.push(...inside.certificates.map(readCertificate));
    opened.push(...inside.keys.map((plain) => () => readKey(plain)));
  }
  const current = usable(certificates, now.getTime());
  for (const open of opened) {
    const { key, modulus } = await open();
    const certificate = current.find((one) => same(one.modulus, modulus));
    if (certificate) return base64(await signed(content, certificate, key, now));
  }
  throw new Refusal("pair");
}

export async function sign(files, password, content, now) {
  const found = sorted(files);
  if (!found.boxes.length && !(found.certificates.length && found.keys.length)) throw new Refusal("files");
  // What a certificate says of itself needs no password.
  if (found.certificates.length) usable(found.certificates, now.getTime());
  if (!password) throw new Refusal("empty");
  const secret = new TextEncoder().encode(password);
  try {
    return await signWith(found, secret, content, now);
  } finally {
    secret.fill(0);
  }
}
