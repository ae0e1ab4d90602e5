import { createHash } from "node:crypto";
import { z } from "zod";
import { secretNotFound, type ProjectNumbers } from "./names.ts";

const Encryption = z.object({ kmsKeyName: z.string().optional() });

const Replication = z.object({
  automatic: z.object({ customerManagedEncryption: Encryption.optional() }).optional(),
  userManaged: z
    .object({
      replicas: z
        .array(
          z.object({
            location: z.string().optional(),
            customerManagedEncryption: Encryption.optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});

const Texts = z.record(z.string(), z.string());

/** What the owner of a secret sets, as the API's JSON has it; `ttl` has become `expireTime`. */
const SecretSettings = z.object({
  replication: Replication.optional(),
  labels: Texts.optional(),
  topics: z.array(z.object({ name: z.string().optional() })).optional(),
  expireTime: z.string().optional(),
  rotation: z
    .object({ nextRotationTime: z.string().optional(), rotationPeriod: z.string().optional() })
    .optional(),
  versionAliases: Texts.optional(),
  annotations: Texts.optional(),
  versionDestroyTtl: z.string().optional(),
  customerManagedEncryption: Encryption.optional(),
  secretType: z.string().optional(),
});

const Version = z.object({
  createTime: z.string(),
  destroyTime: z.string().nullable(),
  scheduledDestroyTime: z.string().nullable(),
  state: z.enum(["ENABLED", "DISABLED", "DESTROYED"]),
  /** Base64; null once it is destroyed. */
  data: z.string().nullable(),
  dataCrc32c: z.string(),
  clientSpecifiedPayloadChecksum: z.boolean(),
  /** Counts the changes, for the etag. */
  revision: z.number(),
});

const Secret = z.object({
  name: z.string(),
  createTime: z.string(),
  settings: SecretSettings,
  /** Counts the changes, for the etag. */
  revision: z.number(),
  /** Version 1 first; none is ever removed. */
  versions: z.array(Version),
});

/** @see SecretSettings */
export type SecretSettings = z.infer<typeof SecretSettings>;
/** A version of a secret; its number is its place in the secret. */
export type VersionRecord = Readonly<z.infer<typeof Version>>;
/** A secret with its versions. */
export type SecretRecord = Readonly<z.infer<typeof Secret>>;

/** Everything that the emulator knows. */
export type SecretState = {
  readonly numbers: ProjectNumbers;
  /** By full name with the project's number. */
  readonly secrets: Map<string, SecretRecord>;
  /** The policy of a secret ends with it. */
  readonly forgetPolicy: (secret: string) => void;
};

/**
 * The secret of a full name.
 * @throws GoogleError NOT_FOUND
 */
export function requireSecret(state: SecretState, name: string): SecretRecord {
  const secret = state.secrets.get(name);
  if (secret === undefined) {
    throw secretNotFound(name);
  }
  return secret;
}

/** The fingerprint of one revision of something, in quotes as the API has it. */
export function etagOf(name: string, revision: number): string {
  const digest = createHash("sha256").update(`${name}@${revision}`).digest("hex");
  return `"${digest.slice(0, 14)}"`;
}

/**
 * Brings the state up to now: secrets that have expired are gone, and versions whose delayed destruction
 * is due are destroyed.
 * Source: https://cloud.google.com/secret-manager/docs/secret-expiration and
 * https://cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
 */
export function settle(state: SecretState, nowMs: number): void {
  for (const [name, secret] of state.secrets) {
    const { expireTime } = secret.settings;
    if (expireTime !== undefined && Date.parse(expireTime) <= nowMs) {
      state.secrets.delete(name);
      state.forgetPolicy(name);
    } else if (secret.versions.some((version) => isDue(version, nowMs))) {
      const versions = secret.versions.map((version) =>
        isDue(version, nowMs) ? destroyed(version, version.scheduledDestroyTime) : version,
      );
      state.secrets.set(name, { ...secret, versions });
    }
  }
}

/** A version after its destruction; its data is gone for good. */
export function destroyed(version: VersionRecord, destroyTime: string | null): VersionRecord {
  const revision = version.revision + 1;
  const gone = { data: null, scheduledDestroyTime: null };
  return { ...version, ...gone, state: "DESTROYED", destroyTime, revision };
}

function isDue({ scheduledDestroyTime }: VersionRecord, nowMs: number): boolean {
  return scheduledDestroyTime !== null && Date.parse(scheduledDestroyTime) <= nowMs;
}
