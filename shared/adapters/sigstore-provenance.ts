import type { TrustMaterial } from "@sigstore/verify";

import type { Digest } from "../domain/ids.ts";
import type { ProvenanceTrust, ProvenanceVerdict } from "../domain/provenance.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Provenance } from "../ports/provenance.ts";
import { lazily } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { attachmentsOf } from "./image-attachments.ts";
import { imageFiles } from "./image-files.ts";
import type { ImageFiles } from "./image-files.ts";
import { publicKeyReader } from "./kms-public-keys.ts";
import type { PublicKeyReader } from "./kms-public-keys.ts";
import { callOutside } from "./outside-call.ts";
import { judgeClaim } from "./signed-claim.ts";
import { toSignedProof } from "./signed-proof.ts";
import type { SignedProof } from "./signed-proof.ts";
import { signedByIdentity, signedByKey } from "./signers.ts";
import { readTrustedRoot } from "./trusted-root.ts";

/** Where registry and keys are, and the root of trust. */
export type ProvenanceOptions = {
  readonly registry: GrpcEndpoint;
  readonly kms: string | null;
  readonly trustedRoot: string | null;
};

/** All that an image's verification may take; it is tried again with the next look. */
const VERIFY_LIMITS = { timeoutMs: 20_000, attemptsMax: 1 };

/**
 * Verifies images by Sigstore's own packages: signatures of keys, and of identities by certificate and
 * transparency log.
 * Source: https://github.com/sigstore/sigstore-js/tree/main/packages/verify
 */
export function sigstoreProvenance(options: ProvenanceOptions): Provenance {
  const files = imageFiles({ endpoint: options.registry });
  const readKey = publicKeyReader({ endpoint: options.kms });
  const material = lazily(async (): Promise<TrustMaterial> => {
    const { toTrustMaterial } = await import("@sigstore/verify");
    return toTrustMaterial(await readTrustedRoot(options));
  });
  return {
    verify: async ({ repository, digest }, trust) =>
      callOutside(
        `${repository}@${digest}`,
        async () => verify({ files, readKey, material }, { repository, digest, trust }),
        VERIFY_LIMITS,
      ),
  };
}

type Means = {
  readonly files: ImageFiles;
  readonly readKey: PublicKeyReader;
  readonly material: () => Promise<TrustMaterial>;
};

type Asked = {
  readonly repository: string;
  readonly digest: Digest;
  readonly trust: ProvenanceTrust;
};

async function verify(
  { files, readKey, material }: Means,
  { repository, digest, trust }: Asked,
): Promise<ProvenanceVerdict> {
  const attachments = await attachmentsOf(files, repository, digest);
  if (attachments.length === 0) {
    return { kind: "unverified", reason: "the image is unsigned" };
  }
  const { keys, failure } = await readKeys(readKey, trust);
  const reasons = new Set<string>();
  for (const attachment of attachments) {
    const proof = await toSignedProof(attachment);
    const judged =
      proof === null
        ? refused("a file beside the image cannot be read as a signature")
        : await judge(proof, digest, { trust, keys, material });
    if (judged.ok) {
      return { kind: "verified", by: judged.value };
    }
    reasons.add(judged.refusal);
  }
  if (failure !== null) {
    // A signature of this key may be among those that nobody else has made.
    throw failure;
  }
  return { kind: "unverified", reason: toReason(reasons) };
}

type Key = { readonly name: string; readonly pem: string };

/** The keys that can be read, and why another cannot. */
async function readKeys(
  readKey: PublicKeyReader,
  { keys }: ProvenanceTrust,
): Promise<{ readonly keys: readonly Key[]; readonly failure: Error | null }> {
  const read = await Promise.allSettled(
    keys.map(async (key) => ({ name: key, pem: await readKey(key) })),
  );
  const failures = read.flatMap((reading): readonly unknown[] =>
    reading.status === "rejected" ? [reading.reason] : [],
  );
  return {
    keys: read.flatMap((reading) => (reading.status === "fulfilled" ? [reading.value] : [])),
    failure: failures.find((reason) => reason instanceof Error) ?? null,
  };
}

type Ground = {
  readonly trust: ProvenanceTrust;
  readonly keys: readonly Key[];
  readonly material: () => Promise<TrustMaterial>;
};

/** Who made a proof, if that is somebody who counts and it says what is asked for. */
async function judge(
  proof: SignedProof,
  digest: Digest,
  { trust, keys, material }: Ground,
): Promise<Result<string, string>> {
  const wrong = judgeClaim(proof.claim, digest, trust);
  if (wrong !== null) {
    return refused(wrong);
  }
  for (const key of keys) {
    const name = await signedByKey(proof, key);
    if (name !== null) {
      return accepted(name);
    }
  }
  if (proof.bundle === null) {
    return refused(
      trust.keys.length === 0
        ? "it is signed with a key, but no key is trusted"
        : "it is signed with a key that is not trusted",
    );
  }
  return signedByIdentity({ proof, bundle: proof.bundle, trust, material: await material() });
}

const REASONS_MAX = 3;
const REASON_LENGTH_MAX = 300;

function toReason(reasons: ReadonlySet<string>): string {
  const told = [...reasons].slice(0, REASONS_MAX).join("; ");
  return told.toWellFormed().slice(0, REASON_LENGTH_MAX);
}
