// The files that were picked, sorted by what they are and not by what they are called; and which certificates can sign now.
import { BITS, INTEGER, OCTETS, SEQUENCE, parse, parts } from "./der.js";
import { Refusal } from "./refusal.js";
import { readCertificate } from "./x509.js";

const KINDS = {
  [[SEQUENCE, SEQUENCE, BITS].join()]: "certificates",
  [[SEQUENCE, OCTETS].join()]: "keys",
  [[INTEGER, SEQUENCE, SEQUENCE].join()]: "boxes",
  [[INTEGER, SEQUENCE].join()]: "boxes",
};

export function sorted(files) {
  const found = { certificates: [], keys: [], boxes: [] };
  for (const file of files) {
    const kind = KINDS[parts(parse(file, SEQUENCE)).map((part) => part.tag).join()];
    if (!kind) throw new Refusal("kind");
    found[kind].push(kind === "certificates" ? readCertificate(file) : file);
  }
  return found;
}

export function usable(certificates, now) {
  const forSigning = certificates.filter((one) => one.signs);
  if (!forSigning.length) throw new Refusal("purpose");
  const current = forSigning.filter((one) => one.from <= now && now <= one.until);
  if (!current.length) throw new Refusal(forSigning[0].until < now ? "expired" : "early");
  return current;
}
