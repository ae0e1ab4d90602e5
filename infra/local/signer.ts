import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { pem } from "@sigstore/core";

import type { Authority, Identity } from "../../emulators/sigstore/authority.ts";
import type { LogEntry } from "../../emulators/sigstore/transparency-log.ts";

/** Signs, and shows who it is. */
export type Signer = {
  readonly sign: (bytes: Uint8Array) => Buffer;
  /** The certificate, DER; null for a key that everybody knows. */
  readonly certificate: Buffer | null;
  /** Enters what was signed into the log; null where there is none. */
  readonly enter:
    | ((entry: { readonly kind: string; readonly spec: (verifier: string) => object }) => LogEntry)
    | null;
};

/** Signs with a private key (PEM) and leaves no trace in a log. */
export function keySigner(key: string): Signer {
  return { sign: (bytes) => sign(hashOf(key), bytes, key), certificate: null, enter: null };
}

/** Signs with a key made for the occasion, certified for an identity. */
export async function identitySigner(
  authority: Authority,
  identity: Identity,
  at: Date,
): Promise<Signer> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificate = await authority.certify(identity, publicKey, at);
  const verifier = Buffer.from(pem.fromDER(certificate)).toString("base64");
  return {
    sign: (bytes) => sign("sha256", bytes, privateKey),
    certificate,
    enter: ({ kind, spec }) =>
      authority.log.append({ kind, apiVersion: "0.0.1", spec: spec(verifier) }, at),
  };
}

/** Ed25519 brings its own hash, and the larger curves are used with larger ones. */
function hashOf(key: string): string | null {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(key);
  if (asymmetricKeyType === "ed25519") {
    return null;
  }
  return asymmetricKeyDetails?.namedCurve === "secp384r1" ? "sha384" : "sha256";
}
