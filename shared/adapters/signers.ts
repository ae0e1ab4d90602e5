import { createHash } from "node:crypto";
import type { KeyObject } from "node:crypto";

import type { Bundle } from "@sigstore/bundle";
import type { Signer, TrustMaterial, VerificationError as Failure } from "@sigstore/verify";

import type { ProvenanceTrust, TrustedIdentity } from "../domain/provenance.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { compileSubjectPattern } from "../wire/spec/subject-pattern.ts";
import { oneLine } from "./one-line.ts";
import type { SignedProof } from "./signed-proof.ts";

const FINGERPRINT_DIGITS = 16;

/**
 * The name of the key when it made the signature, or null. A key counts for as long as it is trusted: what logs
 * say of the signature is not asked for.
 */
export async function signedByKey(
  { signed, signature }: SignedProof,
  { name, pem }: { readonly name: string; readonly pem: string },
): Promise<string | null> {
  const { crypto } = await import("@sigstore/core");
  const key = crypto.createPublicKey(pem);
  const isSigner = hashesOf(key).some((hash) => crypto.verify(signed, key, signature, hash));
  return isSigner ? `the key ${toName(name, key.export({ format: "der", type: "spki" }))}` : null;
}

/** The hash that signers use with a key's size; Ed25519 brings its own. */
function hashesOf(key: KeyObject): readonly (string | undefined)[] {
  if (key.asymmetricKeyType === "ed25519") {
    return [undefined];
  }
  return key.asymmetricKeyDetails?.namedCurve === "secp384r1"
    ? ["sha384", "sha256"]
    : ["sha256", "sha512"];
}

function toName(name: string, der: Buffer): string {
  return name.startsWith("gcpkms://")
    ? name
    : `sha256:${createHash("sha256").update(der).digest("hex").slice(0, FINGERPRINT_DIGITS)}`;
}

type Certified = {
  readonly proof: SignedProof;
  readonly bundle: Bundle;
  readonly trust: ProvenanceTrust;
  readonly material: TrustMaterial;
};

/** The identity in the certificate of a signature, if all that Sigstore asks for holds and it is one that counts. */
export async function signedByIdentity({
  proof,
  bundle,
  trust,
  material,
}: Certified): Promise<Result<string, string>> {
  const { toSignedEntity, Verifier, VerificationError } = await import("@sigstore/verify");
  let signer: Signer;
  try {
    signer = new Verifier(material).verify(toSignedEntity(bundle, proof.artifact));
  } catch (error) {
    // Whoever may push writes what is verified here; the library answers by throwing.
    return refused(
      error instanceof VerificationError ? toWords(error) : "a signature is malformed",
    );
  }
  const issuer = signer.identity?.extensions?.issuer ?? "";
  const subject = signer.identity?.subjectAlternativeName ?? "";
  const name = `${oneLine(subject)} (${oneLine(issuer)})`;
  return trust.identities.some((identity) => isSame(identity, issuer, subject))
    ? accepted(name)
    : refused(`it is signed by ${name}, who is not trusted`);
}

function isSame(identity: TrustedIdentity, issuer: string, subject: string): boolean {
  if (identity.issuer !== issuer || subject === "") {
    return false;
  }
  if (!identity.isPattern) {
    return identity.subject === subject;
  }
  const pattern = compileSubjectPattern(identity.subject);
  return pattern.ok && pattern.value(subject);
}

const WORDS: Readonly<Record<Failure["code"], string>> = {
  NOT_IMPLEMENTED_ERROR: "a signature has a form that Slipway cannot verify",
  TLOG_ERROR: "a signature has no entry in the transparency log",
  TLOG_INCLUSION_PROOF_ERROR: "a signature's entry in the transparency log is not valid",
  TLOG_INCLUSION_PROMISE_ERROR: "a signature's entry in the transparency log is not valid",
  TLOG_MISSING_INCLUSION_ERROR: "a signature's entry in the transparency log is not valid",
  TLOG_BODY_ERROR: "a signature's entry in the transparency log is of something else",
  CERTIFICATE_ERROR: "a signature's certificate is not valid",
  PUBLIC_KEY_ERROR: "a signature names no key",
  SIGNATURE_ERROR: "a signature is not of the content that it comes with",
  TIMESTAMP_ERROR: "no trusted timestamp says when a signature was made",
};

function toWords({ code, message, cause }: Failure): string {
  const because = cause instanceof Error ? cause.message : message;
  return `${WORDS[code]}: ${oneLine(because)}`;
}
