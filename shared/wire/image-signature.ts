import { z } from "zod";

/** What a signature or attestation says, before anybody asked whether it is genuine. */
export type Claim =
  /** This very image is meant. */
  | { readonly kind: "signature"; readonly digests: readonly string[] }
  /** How an image was built, by SLSA. */
  | {
      readonly kind: "provenance";
      readonly digests: readonly string[];
      readonly builder: string | null;
      readonly sources: readonly string[];
    }
  /** Something else of it: what it contains, what tests said. */
  | { readonly kind: "other"; readonly digests: readonly string[]; readonly type: string };

/** Where cosign puts what belongs to a signature that lies in a layer of its own. */
export const ANNOTATIONS = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  bundle: "dev.sigstore.cosign/bundle",
  timestamp: "dev.sigstore.cosign/rfc3161timestamp",
} as const;

/** What a layer with a signature or attestation is, by its media type. */
export function signedFormOf(mediaType: string): "payload" | "envelope" | "bundle" | null {
  switch (mediaType) {
    case "application/vnd.dev.cosign.simplesigning.v1+json":
      return "payload";
    case "application/vnd.dsse.envelope.v1+json":
      return "envelope";
    default:
      return /^application\/vnd\.dev\.sigstore\.bundle[.+]/.test(mediaType) ? "bundle" : null;
  }
}

const Layer = z.object({
  mediaType: z.string().catch(""),
  digest: z.string().catch(""),
  annotations: z.record(z.string(), z.string()).catch({}),
});

/** A manifest of signatures, or an index of such manifests. */
export const AttachedManifest = z.object({
  layers: z.array(Layer).catch([]),
  manifests: z.array(z.object({ digest: z.string().catch("") })).catch([]),
});

/**
 * What cosign signs of an image.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
const SimpleSigning = z.object({
  critical: z.object({
    image: z.object({ "docker-manifest-digest": z.string() }),
    type: z.literal("cosign container image signature"),
  }),
});

/**
 * A transparency log's word, as cosign keeps it in an annotation.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export const LogBundle = z.object({
  SignedEntryTimestamp: z.string(),
  Payload: z.object({
    body: z.string(),
    integratedTime: z.number(),
    logIndex: z.number(),
    logID: z.string(),
  }),
});

/** What a log's entry is of. */
export const LogBody = z.object({ kind: z.string(), apiVersion: z.string() });

/** A timestamp, as cosign keeps it in an annotation. */
export const TimestampBundle = z.object({ SignedRFC3161Timestamp: z.string() });

/** An envelope around a statement. Source: https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md */
export const Envelope = z.object({
  payloadType: z.string(),
  payload: z.string(),
  signatures: z.array(z.object({ sig: z.string(), keyid: z.string().nullish() })).length(1),
});

/** The type of the statements that are read. Source: https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/envelope.md */
const IN_TOTO = "application/vnd.in-toto+json";

/** The type of a statement that cosign makes of a mere signature since its version 3. */
const COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1";
const SLSA = /^https:\/\/slsa\.dev\/provenance\/v\d/;

const Statement = z.object({
  subject: z.array(z.object({ digest: z.record(z.string(), z.string()) })),
  predicateType: z.string(),
  predicate: z.unknown(),
});

const Uri = z.object({ uri: z.string().catch("") });

/**
 * SLSA provenance of the versions 0.2 and 1, as far as it is read.
 * Source: https://slsa.dev/spec/v1.0/provenance and https://slsa.dev/spec/v0.2/provenance
 */
const Predicate = z.object({
  builder: z.object({ id: z.string() }).optional().catch(undefined),
  runDetails: z
    .object({ builder: z.object({ id: z.string() }) })
    .optional()
    .catch(undefined),
  invocation: z.object({ configSource: Uri }).optional().catch(undefined),
  buildDefinition: z
    .object({
      externalParameters: z
        .object({ workflow: z.object({ repository: z.string() }).optional().catch(undefined) })
        .catch({}),
    })
    .optional()
    .catch(undefined),
});

/** What cosign's payload says; null when it is none. */
export function readPayload(json: unknown): Claim | null {
  const parsed = SimpleSigning.safeParse(json);
  return parsed.success
    ? { kind: "signature", digests: [parsed.data.critical.image["docker-manifest-digest"]] }
    : null;
}

/** What a signed statement says; null when it is none. */
export function readStatement(payloadType: string, json: unknown): Claim | null {
  const parsed = Statement.safeParse(json);
  if (payloadType !== IN_TOTO || !parsed.success) {
    return null;
  }
  const { subject, predicateType: type, predicate } = parsed.data;
  const digests = subject.flatMap(({ digest: { sha256 } }) =>
    sha256 === undefined ? [] : [`sha256:${sha256}`],
  );
  if (type === COSIGN_SIGN) {
    return { kind: "signature", digests };
  }
  return SLSA.test(type) ? readProvenance(digests, predicate) : { kind: "other", digests, type };
}

/**
 * Only what the builder itself says of its source is read: the materials of a build name much else that it
 * was made of.
 */
function readProvenance(digests: readonly string[], json: unknown): Claim {
  const parsed = Predicate.safeParse(json);
  const { builder, runDetails, invocation, buildDefinition } = parsed.data ?? {};
  const found = [
    invocation?.configSource.uri,
    buildDefinition?.externalParameters.workflow?.repository,
  ];
  return {
    kind: "provenance",
    digests,
    builder: runDetails?.builder.id ?? builder?.id ?? null,
    sources: found.flatMap((uri) => (uri === undefined ? [] : [toRepository(uri)])),
  };
}

/** The repository in a source's address: without how it is fetched and which revision of it. */
export function toRepository(uri: string): string {
  const [address = ""] = uri.replace(/^git\+/, "").split("@", 1);
  return address.replace(/\.git$/, "").replace(/\/$/, "");
}
