// Reads of a certificate (RFC 5280 §4.1) what signing needs: whose it is, until when, its key, and whether it is for signing.
import { BITS, INTEGER, OCTETS, OID, SEQUENCE, TIME, UTC_TIME, context, expect, oid, parse, parts } from "./der.js";
import { Refusal } from "./refusal.js";

const KEY_USAGE = "2.5.29.15";
const DIGITAL_SIGNATURE = 0x80;

function moment(value) {
  const text = String.fromCharCode(...value.body);
  const digits = value.tag === UTC_TIME ? (text < "50" ? "20" : "19") + text : text;
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits);
  if (!found || (value.tag !== UTC_TIME && value.tag !== TIME)) throw new Refusal("kind");
  const [, year, month, ...rest] = found.map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

function signs(extensions) {
  for (const extension of extensions) {
    const pieces = expect(extension, OID);
    if (oid(pieces[0]) === KEY_USAGE) return (parse(pieces.at(-1).body, BITS).body[1] & DIGITAL_SIGNATURE) !== 0;
  }
  return true;
}

export function readCertificate(file) {
  const [body] = expect(parse(file, SEQUENCE), SEQUENCE, SEQUENCE, BITS);
  const fields = parts(body).filter((field, i) => i > 0 || field.tag !== context(0));
  const tags = [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE];
  if (tags.some((tag, i) => fields[i]?.tag !== tag)) throw new Refusal("kind");
  const [serial, , issuer, validity, , publicKey] = fields;
  const [from, until] = parts(validity).map(moment);
  const [, key] = expect(publicKey, SEQUENCE, BITS);
  const [modulus] = expect(parse(key.body.subarray(1), SEQUENCE), INTEGER, INTEGER);
  const last = fields.find((field) => field.tag === context(3));
  const extensions = last ? parts(parts(last)[0]) : [];
  return { raw: file, issuer: issuer.raw, serial: serial.raw, from, until, modulus: modulus.body, extensions, signs: signs(extensions) };
}
