import { createHash, createPublicKey, sign } from "node:crypto";
import { ByteStream, X509Certificate } from "@sigstore/core";

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

const VERSION_1 = 0;
const OF_CERTIFICATE = 0;
const PRECERTIFICATE = 1;
const NO_EXTENSIONS = 0;
/** SHA-256 with ECDSA, as TLS numbers them. */
const ALGORITHM = 0x04_03;

/**
 * What a certificate carries to show that it is in a public log, as the value of its extension.
 * Source: https://www.rfc-editor.org/rfc/rfc6962#section-3.2
 */
export function certificateTimestamps(
  key: string,
  { certificate, issuerKey, at }: Precertificate,
): Buffer {
  const body = X509Certificate.parse(Buffer.from(certificate)).tbsCertificate.toDER();
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(at.getTime()));
  const signed = new ByteStream();
  signed.appendChar(VERSION_1);
  signed.appendChar(OF_CERTIFICATE);
  signed.appendView(time);
  signed.appendUint16(PRECERTIFICATE);
  signed.appendView(sha256(issuerKey));
  signed.appendUint24(body.length);
  signed.appendView(body);
  signed.appendUint16(NO_EXTENSIONS);
  const stamp = new ByteStream();
  stamp.appendChar(VERSION_1);
  stamp.appendView(sha256(createPublicKey(key).export({ format: "der", type: "spki" })));
  stamp.appendView(time);
  stamp.appendUint16(NO_EXTENSIONS);
  stamp.appendUint16(ALGORITHM);
  stamp.appendView(counted(sign("sha256", signed.buffer, key)));
  return der(OCTETS, counted(counted(stamp.buffer)));
}

/** Bytes after how many they are. */
function counted(bytes: Uint8Array): Buffer {
  const stream = new ByteStream();
  stream.appendUint16(bytes.length);
  stream.appendView(bytes);
  return stream.buffer;
}

/** A text as an UTF8String in DER. Source: https://www.itu.int/rec/T-REC-X.690 */
export function derText(text: string): Buffer {
  return der(UTF8, Buffer.from(text));
}

function der(tag: number, bytes: Uint8Array): Buffer {
  const isShort = bytes.length <= LENGTH_SHORT_MAX;
  const body = isShort ? Buffer.from([bytes.length, ...bytes]) : counted(bytes);
  return Buffer.from([tag, ...(isShort ? [] : [TWO_BYTES]), ...body]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
