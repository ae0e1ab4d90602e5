import { createHash } from "node:crypto";
import { secretNotFound, type ProjectNumbers } from "./names.ts";

/** What the owner of a secret sets, as the API's JSON has it. */
export type SecretSettings = {
  readonly replication?: {
    readonly automatic?: object;
    readonly userManaged?: { readonly replicas?: readonly { readonly location?: string }[] };
  };
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A version of a secret; its number is its place in the secret. */
export type VersionRecord = {
  readonly createTime: string;
  readonly destroyTime: string | null;
  readonly state: "ENABLED" | "DISABLED" | "DESTROYED";
  /** Base64; null once it is destroyed. */
  readonly data: string | null;
  readonly dataCrc32c: string;
  readonly clientSpecifiedPayloadChecksum: boolean;
  /** Counts the changes, for the etag. */
  readonly revision: number;
};

/** A secret with its versions. */
export type SecretRecord = {
  readonly name: string;
  readonly createTime: string;
  readonly settings: SecretSettings;
  /** Version 1 first; none is ever removed. */
  readonly versions: readonly VersionRecord[];
};

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
