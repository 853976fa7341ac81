// Writes CMS SignedData (RFC 5652 §5) over a text that goes with it: SHA-256, RSA with PKCS #1 v1.5, one signer, its certificate.
import { INTEGER, NULL, OCTETS, SEQUENCE, SET, UTC_TIME, context } from "./der.js";
import { write, writeOid, writeSet } from "./write.js";

const DATA = writeOid("1.2.840.113549.1.7.1");
const SIGNED_DATA = writeOid("1.2.840.113549.1.7.2");
const CONTENT_TYPE = writeOid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST = writeOid("1.2.840.113549.1.9.4");
const SIGNING_TIME = writeOid("1.2.840.113549.1.9.5");
const SHA256 = write(SEQUENCE, writeOid("2.16.840.1.101.3.4.2.1"));
const RSA = write(SEQUENCE, writeOid("1.2.840.113549.1.1.1"), write(NULL));
const ONE = write(INTEGER, [1]);

const attribute = (name, value) => write(SEQUENCE, name, write(SET, value));

// UTCTime, which is right until 2049 (RFC 5652 §11.3).
function timeOf(at) {
  const text = at.toISOString().replace(/\.\d+|[-:T]/g, "").slice(2);
  return write(UTC_TIME, new TextEncoder().encode(text));
}

export async function signed(content, certificate, key, at) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const attributes = [
    attribute(CONTENT_TYPE, DATA),
    attribute(SIGNING_TIME, timeOf(at)),
    attribute(MESSAGE_DIGEST, write(OCTETS, digest)),
  ];
  // Signed as a SET, sent under [0] (RFC 5652 §5.4).
  const signature = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, writeSet(SET, ...attributes));
  const signer = write(
    SEQUENCE, ONE, write(SEQUENCE, certificate.issuer, certificate.serial), SHA256, writeSet(context(0), ...attributes), RSA,
    write(OCTETS, new Uint8Array(signature)),
  );
  const data = write(
    SEQUENCE, ONE, write(SET, SHA256), write(SEQUENCE, DATA, write(context(0), write(OCTETS, content))),
    write(context(0), certificate.raw), write(SET, signer),
  );
  return write(SEQUENCE, SIGNED_DATA, write(context(0), data));
}
