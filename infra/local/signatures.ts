import { createHash } from "node:crypto";

import type { SerializedEnvelope } from "@sigstore/bundle";
import { dsse, pem } from "@sigstore/core";
import type { LogEntry } from "../../emulators/sigstore/transparency-log.ts";
import { buildArtifact, type Content, type Image } from "./image.ts";
import type { Signer } from "./signer.ts";

/** An image that is signed. */
export type SignedImage = { readonly repository: string; readonly digest: string };

/** A statement about an image. Source: https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md */
export type Statement = {
  readonly predicateType: string;
  readonly predicate: object;
};

/** What cosign says of an image that it signs, since its version 3. */
export const SIGNED: Statement = {
  predicateType: "https://sigstore.dev/cosign/sign/v1",
  predicate: {},
};

const IN_TOTO = "application/vnd.in-toto+json";
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const CONFIG = {
  mediaType: "application/vnd.oci.image.config.v1+json",
  text: '{"architecture":"","os":"","rootfs":{"type":"layers","diff_ids":[]}}',
};

/** How an image was built. Source: https://slsa.dev/spec/v1.0/provenance */
export function builtBy(builder: string, source: string): Statement {
  return {
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "https://actions.github.io/buildtypes/workflow/v1",
        externalParameters: { workflow: { ref: "refs/heads/main", repository: source } },
      },
      runDetails: { builder: { id: builder } },
    },
  };
}

/**
 * A signature as cosign pushes it under the tag `sha256-<hex>.sig`.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function signatureManifest(signer: Signer, { repository, digest }: SignedImage): Image {
  const bytes = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { "docker-reference": repository },
        image: { "docker-manifest-digest": digest },
        type: "cosign container image signature",
      },
      optional: null,
    }),
  );
  const signature = signer.sign(bytes).toString("base64");
  const entry = signer.enter?.({
    kind: "hashedrekord",
    spec: (content) => ({
      data: { hash: { algorithm: "sha256", value: sha256(bytes) } },
      signature: { content: signature, publicKey: { content } },
    }),
  });
  const annotations = {
    "dev.cosignproject.cosign/signature": signature,
    ...certified(signer, entry),
  };
  const mediaType = "application/vnd.dev.cosign.simplesigning.v1+json";
  return buildArtifact({ config: CONFIG, layers: [{ mediaType, bytes, annotations }] });
}

/**
 * A signed statement as cosign pushes it under the tag `sha256-<hex>.att`.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/ATTESTATION_SPEC.md
 */
export function attestationManifest(
  signer: Signer,
  { digest }: SignedImage,
  statement: Statement,
): Image {
  const { envelope, entry } = signStatement(signer, digest, statement);
  const annotations = { predicateType: statement.predicateType, ...certified(signer, entry) };
  const bytes = Buffer.from(JSON.stringify(envelope));
  const mediaType = "application/vnd.dsse.envelope.v1+json";
  return buildArtifact({ config: CONFIG, layers: [{ mediaType, bytes, annotations }] });
}

/**
 * A signed statement in a bundle that refers to its image, as OCI 1.1 has it.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export function bundleManifest(
  signer: Signer,
  { digest, subject }: { readonly digest: string; readonly subject: Content },
  statement: Statement,
): Image {
  const { envelope, entry } = signStatement(signer, digest, statement);
  const { certificate } = signer;
  const bundle = {
    mediaType: BUNDLE,
    verificationMaterial: {
      ...(certificate === null
        ? { publicKey: { hint: "" } }
        : { certificate: { rawBytes: certificate.toString("base64") } }),
      tlogEntries: entry === undefined ? [] : [entry],
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: envelope,
  };
  const bytes = Buffer.from(JSON.stringify(bundle));
  return buildArtifact({
    artifactType: BUNDLE,
    layers: [{ mediaType: BUNDLE, bytes }],
    subject,
    annotations: { "dev.sigstore.bundle.predicateType": statement.predicateType },
  });
}

function signStatement(
  signer: Signer,
  digest: string,
  statement: Statement,
): { readonly envelope: SerializedEnvelope; readonly entry: LogEntry | undefined } {
  const subject = [{ name: "image", digest: { sha256: digest.replace("sha256:", "") } }];
  const payload = Buffer.from(
    JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, ...statement }),
  );
  const sig = signer.sign(dsse.preAuthEncoding(IN_TOTO, payload)).toString("base64");
  const envelope = {
    payloadType: IN_TOTO,
    payload: payload.toString("base64"),
    signatures: [{ sig, keyid: "" }],
  };
  const entry = signer.enter?.({
    kind: "dsse",
    spec: (verifier) => ({
      envelopeHash: { algorithm: "sha256", value: sha256(Buffer.from(JSON.stringify(envelope))) },
      payloadHash: { algorithm: "sha256", value: sha256(payload) },
      signatures: [{ signature: sig, verifier }],
    }),
  });
  return { envelope, entry };
}

function certified(
  { certificate }: Signer,
  entry: LogEntry | undefined,
): Readonly<Record<string, string>> {
  return {
    ...(certificate !== null && { "dev.sigstore.cosign/certificate": pem.fromDER(certificate) }),
    ...(entry !== undefined && {
      "dev.sigstore.cosign/bundle": JSON.stringify({
        SignedEntryTimestamp: entry.inclusionPromise?.signedEntryTimestamp,
        Payload: {
          body: entry.canonicalizedBody,
          integratedTime: Number(entry.integratedTime),
          logIndex: Number(entry.logIndex),
          logID: Buffer.from(entry.logId.keyId, "base64").toString("hex"),
        },
      }),
    }),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
