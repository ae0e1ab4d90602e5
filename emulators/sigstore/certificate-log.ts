import { createHash, createPublicKey, sign } from "node:crypto";
import { X509Certificate } from "@sigstore/core";

import { derOctets, uint } from "./der.ts";

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
