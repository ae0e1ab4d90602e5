import { createHash, createPublicKey, sign } from "node:crypto";
import { X509Certificate } from "@sigstore/core";

const LENGTH_SHORT_MAX = 127;
const TWO_BYTES = 0x82;
const OCTETS = 0x04;
const UTF8 = 0x0c;

/** A certificate before it was stamped, and who issues it. */
export type Precertificate = {
  readonly certificate: Buffer;
  /** The issuer's public key, DER. */
  readonly issuerKey: Buffer;
  readonly at: Date;
};

const VERSION_1 = uint(0, 1);
const OF_CERTIFICATE = uint(0, 1);
const PRECERTIFICATE = uint(1, 2);
const NO_EXTENSIONS = uint(0, 2);
const SHA256_WITH_ECDSA = Buffer.from([4, 3]);

/**
 * What a certificate carries to show that it is in a public log, as the value of its extension.
 * Source: https://www.rfc-editor.org/rfc/rfc6962#section-3.2
 */
export function certificateTimestamps(
  key: string,
  { certificate, issuerKey, at }: Precertificate,
): Buffer {
  const body = X509Certificate.parse(Buffer.from(certificate)).tbsCertificate.toDER();
  const time = uint(at.getTime(), 8);
  const signed = Buffer.concat([
    VERSION_1,
    OF_CERTIFICATE,
    time,
    PRECERTIFICATE,
    createHash("sha256").update(issuerKey).digest(),
    uint(body.length, 3),
    body,
    NO_EXTENSIONS,
  ]);
  const signature = sign("sha256", signed, key);
  const stamp = Buffer.concat([
    VERSION_1,
    createHash("sha256")
      .update(createPublicKey(key).export({ format: "der", type: "spki" }))
      .digest(),
    time,
    NO_EXTENSIONS,
    SHA256_WITH_ECDSA,
    uint(signature.length, 2),
    signature,
  ]);
  const list = Buffer.concat([uint(stamp.length, 2), stamp]);
  return derOctets(Buffer.concat([uint(list.length, 2), list]));
}

/** Bytes as an OCTET STRING in DER. Source: https://www.itu.int/rec/T-REC-X.690 */
function derOctets(bytes: Uint8Array): Buffer {
  return der(OCTETS, bytes);
}

/** A text as an UTF8String in DER. */
export function derText(text: string): Buffer {
  return der(UTF8, Buffer.from(text));
}

function der(tag: number, bytes: Uint8Array): Buffer {
  const { length } = bytes;
  const head =
    length <= LENGTH_SHORT_MAX ? Buffer.from([tag, length]) : Buffer.from([tag, TWO_BYTES, 0, 0]);
  if (length > LENGTH_SHORT_MAX) {
    head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, bytes]);
}

/** A number in so many bytes, the highest first. */
function uint(value: number, bytes: number): Buffer {
  const written = Buffer.alloc(bytes);
  written.writeUIntBE(value, Math.max(0, bytes - 6), Math.min(6, bytes));
  return written;
}
