import { badRequest, googleError } from "../kit/google-error.ts";
import type { SecretSettings } from "./state.ts";

const LABELS_MAX = 64;
const LABEL_BYTES_MAX = 128;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const ANNOTATION_KEY = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const ANNOTATION_BYTES_MAX = 16 * 1024;

/** What the service lets an owner set beside, and no secret of an installation has. */
const NOT_EMULATED = [
  "customerManagedEncryption",
  "expireTime",
  "rotation",
  "secretType",
  "topics",
  "ttl",
  "versionAliases",
  "versionDestroyTtl",
] as const;

/** google.cloud.secretmanager.v1.Secret as a caller sends it. */
export type SecretInput = SecretSettings & {
  readonly [field in (typeof NOT_EMULATED)[number]]?: unknown;
};

/**
 * Checks what the owner of a new secret sets, and gives what is kept of it.
 * Source: the comments in google/cloud/secretmanager/v1/resources.proto
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault, UNIMPLEMENTED
 */
export function toSettings(input: SecretInput): SecretSettings {
  const { replication, labels, annotations } = input;
  const field = NOT_EMULATED.find((name) => input[name] !== undefined);
  if (field !== undefined) {
    throw googleError("UNIMPLEMENTED", `The emulator does not implement Secret.${field}.`);
  }
  checkReplication(replication ?? {});
  checkLabels(labels ?? {});
  checkAnnotations(annotations ?? {});
  const given = Object.entries({ replication, labels, annotations });
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

function checkReplication({ automatic, userManaged }: Replication): void {
  if (automatic === undefined && userManaged === undefined) {
    throw badRequest("secret.replication", "Secret.replication must be provided.");
  }
  if (userManaged !== undefined) {
    checkReplicas(userManaged.replicas ?? []);
  }
}

type Replication = NonNullable<SecretSettings["replication"]>;
type Replicas = NonNullable<NonNullable<Replication["userManaged"]>["replicas"]>;

function checkReplicas(replicas: Replicas): void {
  const field = "secret.replication.user_managed.replicas";
  const locations = replicas.map((replica) => replica.location ?? "");
  if (locations.length === 0 || locations.includes("")) {
    throw badRequest(field, "User managed replication needs at least one replica with a location.");
  }
  if (new Set(locations).size < locations.length) {
    throw badRequest(field, "The locations of the replicas must differ.");
  }
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  if (entries.length > LABELS_MAX) {
    throw badRequest("secret.labels", `A secret has at most ${LABELS_MAX} labels.`);
  }
  for (const [key, value] of entries) {
    const isShort = [key, value].every((text) => Buffer.byteLength(text) <= LABEL_BYTES_MAX);
    if (!LABEL_KEY.test(key) || !LABEL_VALUE.test(value) || !isShort) {
      throw badRequest("secret.labels", `The label "${key}" with "${value}" is not valid.`);
    }
  }
}

function checkAnnotations(annotations: Readonly<Record<string, string>>): void {
  const entries = Object.entries(annotations);
  const bad = entries.find(([key]) => !ANNOTATION_KEY.test(key));
  if (bad !== undefined) {
    throw badRequest("secret.annotations", `The annotation key "${bad[0]}" is not valid.`);
  }
  const bytes = entries.reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
  if (bytes >= ANNOTATION_BYTES_MAX) {
    throw badRequest("secret.annotations", "The annotations must be smaller than 16 KiB in all.");
  }
}
