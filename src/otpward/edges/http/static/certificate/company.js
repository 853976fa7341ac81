// Shows that a certificate was issued to a company's business registration number (KCAC.TS.SIVID). It is tried here before anything
// is sent, and R leaves only with a company's certificate: with a person's, their resident number could be found by trying.
import { BITS, OCTETS, OID, SEQUENCE, context, expect, oid, parse, parts } from "./der.js";
import { Refusal } from "./refusal.js";
import { base64, write } from "./write.js";

const POLICIES = "2.5.29.32";
const NAMES = "2.5.29.17";
const IDENTIFY_DATA = "1.2.410.200004.10.1.1";
const VID = "1.2.410.200004.10.1.1.1";
const PRINTABLE = 0x13;

function inside(certificate, name) {
  const found = certificate.extensions.map((one) => expect(one, OID)).find(([kind]) => oid(kind) === name);
  return found ? parts(parse(found.at(-1).body, SEQUENCE)) : [];
}

function vidOf(certificate) {
  const others = inside(certificate, NAMES).filter((one) => one.tag === context(0)).map((one) => expect(one, OID, context(0)));
  const identity = others.find(([kind]) => oid(kind) === IDENTIFY_DATA);
  const [, attributes] = identity ? parts(parts(identity[1])[0]) : [];
  const vid = attributes && parts(attributes).map((one) => expect(one, OID, SEQUENCE)).find(([kind]) => oid(kind) === VID);
  return vid ? expect(expect(vid[1], SEQUENCE, context(0))[1], OCTETS)[0].body : [];
}

export async function randomToShow(number, random, certificate, kinds) {
  if (!inside(certificate, POLICIES).some((one) => kinds.includes(oid(parts(one)[0])))) throw new Refusal("person");
  if (!random) throw new Refusal("random");
  let found = write(SEQUENCE, write(PRINTABLE, new TextEncoder().encode(number)), write(BITS, [0], random));
  for (const _ of "HH") found = new Uint8Array(await crypto.subtle.digest("SHA-256", found));
  const vid = vidOf(certificate);
  if (vid.length !== found.length || !found.every((octet, i) => octet === vid[i])) throw new Refusal("other");
  return base64(random);
}
