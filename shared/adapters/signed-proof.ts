import type { Bundle } from "@sigstore/bundle";

import {
  ANNOTATIONS,
  Envelope,
  LogBody,
  LogBundle,
  readPayload,
  readStatement,
  TimestampBundle,
} from "../wire/image-signature.ts";
import type { Claim } from "../wire/image-signature.ts";
import type { Attachment } from "./image-attachments.ts";

/** A signature in one form, whichever it was found in. */
export type SignedProof = {
  readonly claim: Claim;
  /** The bytes that were signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
  /** With the certificate and what logs say of it; null where a key signed and nothing else is there. */
  readonly bundle: Bundle | null;
  /** What a signature of mere bytes is of; undefined for an envelope, which holds it. */
  readonly artifact: Buffer | undefined;
};

/** Certificates of Sigstore's have about 1 KiB. */
const CERTIFICATE_LENGTH_MAX = 32 * 1024;

/** SHA-256, as bundles call it. */
const ALGORITHM = "SHA2_256";

/** The media type of the bundles that need no proof of inclusion, as cosign's annotations have none. */
const BUNDLE_0_1 = "application/vnd.dev.sigstore.bundle+json;version=0.1";

/** Reads an attachment; null when it is nothing that anybody signed. */
export async function toSignedProof(attachment: Attachment): Promise<SignedProof | null> {
  try {
    switch (attachment.form) {
      case "payload":
        return await fromPayload(attachment);
      case "envelope":
        return await fromEnvelope(attachment.json, material(attachment.annotations));
      case "bundle":
        return await fromBundle(attachment.json);
    }
  } catch {
    // Whoever may push writes what is parsed here; the library answers by throwing.
    return null;
  }
}

async function fromPayload({ bytes, json, annotations }: Attachment): Promise<SignedProof | null> {
  const { crypto } = await import("@sigstore/core");
  const claim = readPayload(json);
  const encoded = annotations[ANNOTATIONS.signature] ?? "";
  if (claim === null || encoded === "") {
    return null;
  }
  const artifact = Buffer.from(bytes);
  const signature = Buffer.from(encoded, "base64");
  const found = material(annotations);
  const digest = crypto.digest("sha256", artifact).toString("base64");
  const messageSignature = {
    messageDigest: { algorithm: ALGORITHM, digest },
    signature: encoded,
  };
  const bundle = await bundleOf(found, { messageSignature });
  return { claim, signed: artifact, signature, bundle, artifact };
}

async function fromEnvelope(
  json: unknown,
  found: ReturnType<typeof material>,
): Promise<SignedProof | null> {
  const { dsse } = await import("@sigstore/core");
  const envelope = Envelope.parse(json);
  const payload = Buffer.from(envelope.payload, "base64");
  const claim = readStatement(envelope.payloadType, JSON.parse(payload.toString()));
  const [signature] = envelope.signatures;
  if (claim === null || signature === undefined) {
    return null;
  }
  const bundle = await bundleOf(found, { dsseEnvelope: envelope });
  return {
    claim,
    signed: dsse.preAuthEncoding(envelope.payloadType, payload),
    signature: Buffer.from(signature.sig, "base64"),
    bundle,
    artifact: undefined,
  };
}

/** A bundle holds its statement in an envelope; one that signs mere bytes does not say of what image. */
async function fromBundle(json: unknown): Promise<SignedProof | null> {
  const { envelopeToJSON } = await import("@sigstore/bundle");
  const bundle = await toBundle(json);
  if (bundle.content.$case !== "dsseEnvelope") {
    return null;
  }
  const proof = await fromEnvelope(envelopeToJSON(bundle.content.dsseEnvelope), null);
  const isKey = bundle.verificationMaterial.content.$case === "publicKey";
  return proof === null ? null : { ...proof, bundle: isKey ? null : bundle };
}

/** The bundle of what was signed by a certificate; null without one. */
async function bundleOf(
  verificationMaterial: ReturnType<typeof material>,
  content: object,
): Promise<Bundle | null> {
  return verificationMaterial === null
    ? null
    : toBundle({ mediaType: BUNDLE_0_1, verificationMaterial, ...content });
}

async function toBundle(json: unknown): Promise<Bundle> {
  const { bundleFromJSON } = await import("@sigstore/bundle");
  return bundleFromJSON(json);
}

/** The certificate in cosign's annotations, and who says when it was used; null without a certificate. */
function material(annotations: Readonly<Record<string, string>>): object | null {
  const pem = annotations[ANNOTATIONS.certificate] ?? "";
  const encoded = /-----BEGIN CERTIFICATE-----([^-]*)-----END/.exec(
    pem.slice(0, CERTIFICATE_LENGTH_MAX),
  )?.[1];
  if (encoded === undefined) {
    return null;
  }
  return {
    x509CertificateChain: { certificates: [{ rawBytes: encoded.replaceAll(/\s/g, "") }] },
    tlogEntries: logEntries(annotations[ANNOTATIONS.bundle]),
    timestampVerificationData: {
      rfc3161Timestamps: timestamps(annotations[ANNOTATIONS.timestamp]),
    },
  };
}

function logEntries(text: string | undefined): readonly object[] {
  if (text === undefined) {
    return [];
  }
  const { SignedEntryTimestamp, Payload } = LogBundle.parse(JSON.parse(text));
  const { body, integratedTime, logIndex, logID } = Payload;
  const { kind, apiVersion } = LogBody.parse(JSON.parse(Buffer.from(body, "base64").toString()));
  return [
    {
      logIndex: String(logIndex),
      logId: { keyId: Buffer.from(logID, "hex").toString("base64") },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(integratedTime),
      inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
      canonicalizedBody: body,
    },
  ];
}

function timestamps(text: string | undefined): readonly object[] {
  return text === undefined
    ? []
    : [{ signedTimestamp: TimestampBundle.parse(JSON.parse(text)).SignedRFC3161Timestamp }];
}
