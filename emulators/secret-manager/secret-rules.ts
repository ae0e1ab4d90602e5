import { badRequest, type GoogleError } from "../kit/google-error.ts";
import { isRegional } from "./names.ts";
import type { SecretSettings } from "./state.ts";

const LABELS_MAX = 64;
const LABEL_BYTES_MAX = 128;
const LABEL_KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;
const ANNOTATION_KEY = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
const ANNOTATION_BYTES_MAX = 16 * 1024;
const ALIASES_MAX = 50;
const ALIAS = /^[A-Za-z][\w-]{0,62}$/;
const RESERVED_ALIASES: ReadonlySet<string> = new Set(["latest", "NEW"]);
const TOPICS_MAX = 10;
const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;
const KMS_KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

const DAY_SECONDS = 86_400;
const LONGEST_SECONDS = 3_153_600_000;
const EXPIRY_SECONDS_MIN = 60;
const ROTATION_LEAD_SECONDS_MIN = 300;
const ROTATION_PERIOD_SECONDS_MIN = 3_600;
const DESTROY_TTL_DAYS_MAX = 1_000;

/** What the rules of a secret's settings depend on besides them. */
export type RuleContext = {
  readonly name: string;
  readonly nowMs: number;
  /** How many versions there are; an alias must name one of them. */
  readonly versionCount: number;
  /** The settings before a change: a time that was set earlier may have come near since. */
  readonly before: SecretSettings | null;
};

/**
 * Checks everything that the owner of a secret sets.
 * Source: the comments in google/cloud/secretmanager/v1/resources.proto,
 * https://cloud.google.com/secret-manager/docs/secret-expiration,
 * https://cloud.google.com/secret-manager/docs/delay-destruction-of-secret-versions
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault.
 */
export function checkSettings(settings: SecretSettings, context: RuleContext): void {
  checkReplication(settings, context.name);
  checkLabels(settings.labels ?? {});
  checkAnnotations(settings.annotations ?? {});
  checkAliases(settings.versionAliases ?? {}, context.versionCount);
  checkTopics(settings);
  checkRotation(settings, context);
  checkExpiry(settings.expireTime, context);
  checkDestroyTtl(settings.versionDestroyTtl);
}

/** The seconds of a google.protobuf.Duration in JSON, such as `90s`. */
export function toSeconds(duration: string): number {
  return Number(duration.slice(0, -1));
}

function checkReplication(settings: SecretSettings, name: string): void {
  const { replication, customerManagedEncryption } = settings;
  if (isRegional(name)) {
    if (replication !== undefined) {
      throw badRequest("secret.replication", "Secret.replication should not be provided.");
    }
    checkKey(customerManagedEncryption);
    return;
  }
  if (customerManagedEncryption !== undefined) {
    const field = "secret.customer_managed_encryption";
    throw badRequest(field, "Only a regional secret has Secret.customer_managed_encryption.");
  }
  const { automatic, userManaged } = replication ?? {};
  if (automatic === undefined && userManaged === undefined) {
    throw badRequest("secret.replication", "Secret.replication must be provided.");
  }
  checkKey(automatic?.customerManagedEncryption);
  if (userManaged !== undefined) {
    checkReplicas(userManaged.replicas ?? []);
  }
}

type Replicas = NonNullable<
  NonNullable<NonNullable<SecretSettings["replication"]>["userManaged"]>["replicas"]
>;

function checkReplicas(replicas: Replicas): void {
  const field = "secret.replication.user_managed.replicas";
  const locations = replicas.map((replica) => replica.location ?? "");
  if (locations.length === 0 || locations.includes("")) {
    throw badRequest(field, "User managed replication needs at least one replica with a location.");
  }
  if (new Set(locations).size < locations.length) {
    throw badRequest(field, "The locations of the replicas must differ.");
  }
  for (const replica of replicas) {
    checkKey(replica.customerManagedEncryption);
  }
}

function checkKey(encryption: SecretSettings["customerManagedEncryption"]): void {
  if (encryption !== undefined && !KMS_KEY.test(encryption.kmsKeyName ?? "")) {
    throw badRequest(
      "kms_key_name",
      "kms_key_name must be projects/*/locations/*/keyRings/*/cryptoKeys/*",
    );
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

function checkAliases(aliases: Readonly<Record<string, string>>, versionCount: number): void {
  const entries = Object.entries(aliases);
  if (entries.length > ALIASES_MAX) {
    throw badRequest("secret.version_aliases", `A secret has at most ${ALIASES_MAX} aliases.`);
  }
  for (const [alias, version] of entries) {
    if (!ALIAS.test(alias) || RESERVED_ALIASES.has(alias)) {
      throw badRequest("secret.version_aliases", `The version alias "${alias}" is not valid.`);
    }
    if (Number(version) < 1 || Number(version) > versionCount) {
      throw badRequest(
        "secret.version_aliases",
        `The version alias "${alias}" names version ${version}, which does not exist.`,
      );
    }
  }
}

function checkTopics({ topics = [], rotation }: SecretSettings): void {
  if (topics.length > TOPICS_MAX) {
    throw badRequest("secret.topics", `A secret has at most ${TOPICS_MAX} topics.`);
  }
  if (topics.some(({ name }) => !TOPIC.test(name ?? ""))) {
    throw badRequest("secret.topics", "A topic must be projects/*/topics/*.");
  }
  if (rotation !== undefined && topics.length === 0) {
    throw badRequest("secret.rotation", "Secret.topics must be set to configure a rotation.");
  }
}

function checkExpiry(expireTime: string | undefined, { nowMs, before }: RuleContext): void {
  if (expireTime !== undefined && expireTime !== before?.expireTime) {
    checkAhead("secret.expire_time", expireTime, { nowMs, minSeconds: EXPIRY_SECONDS_MIN });
  }
}

function checkRotation({ rotation }: SecretSettings, { nowMs, before }: RuleContext): void {
  const { nextRotationTime, rotationPeriod } = rotation ?? {};
  if (rotationPeriod !== undefined) {
    const field = "secret.rotation.rotation_period";
    checkRange(field, rotationPeriod, [ROTATION_PERIOD_SECONDS_MIN, LONGEST_SECONDS]);
    if (nextRotationTime === undefined) {
      throw badRequest(field, "next_rotation_time must be set if rotation_period is set.");
    }
  }
  if (nextRotationTime !== undefined && nextRotationTime !== before?.rotation?.nextRotationTime) {
    const limits = { nowMs, minSeconds: ROTATION_LEAD_SECONDS_MIN };
    checkAhead("secret.rotation.next_rotation_time", nextRotationTime, limits);
  }
}

function checkDestroyTtl(ttl: string | undefined): void {
  if (ttl !== undefined) {
    const limits = [DAY_SECONDS, DESTROY_TTL_DAYS_MAX * DAY_SECONDS] as const;
    checkRange("secret.version_destroy_ttl", ttl, limits);
  }
}

function checkRange(field: string, duration: string, limits: readonly [number, number]): void {
  const [min, max] = limits;
  const seconds = toSeconds(duration);
  if (seconds < min || seconds > max) {
    throw outOfRange(field, `between ${min}s and ${max}s`);
  }
}

function checkAhead(
  field: string,
  time: string,
  { nowMs, minSeconds }: { readonly nowMs: number; readonly minSeconds: number },
): void {
  const seconds = (Date.parse(time) - nowMs) / 1_000;
  if (seconds < minSeconds || seconds > LONGEST_SECONDS) {
    throw outOfRange(field, `between ${minSeconds}s and ${LONGEST_SECONDS}s in the future`);
  }
}

function outOfRange(field: string, range: string): GoogleError {
  return badRequest(field, `${field} must be ${range}.`);
}
