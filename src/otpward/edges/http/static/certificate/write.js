// Writes DER (X.690), and octets as text for a form.
import { OID } from "./der.js";

export function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export function write(tag, ...pieces) {
  const body = joined(...pieces);
  const length = [];
  for (let rest = body.length; rest; rest = Math.floor(rest / 256)) length.unshift(rest % 256);
  return joined(body.length < 0x80 ? [tag, body.length] : [tag, 0x80 + length.length, ...length], body);
}

export function writeOid(text) {
  const [root, second, ...rest] = text.split(".").map(Number);
  const octets = [root * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc % 128];
    while ((arc = Math.floor(arc / 128))) groups.unshift(0x80 + (arc % 128));
    return groups;
  });
  return write(OID, octets);
}

// DER wants the members of a SET OF in the order of their octets.
export function writeSet(tag, ...members) {
  const before = (a, b) => {
    const at = a.findIndex((octet, i) => octet !== b[i]);
    return at < 0 ? a.length - b.length : (a[at] ?? -1) - (b[at] ?? -1);
  };
  return write(tag, ...members.sort(before));
}

export const base64 = (bytes) => btoa(bytes.reduce((text, octet) => text + String.fromCharCode(octet), ""));
export const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
