import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { checkSecretId, isIn, parseParent, parseSecretName } from "./names.ts";
import { checkSettings, toSeconds } from "./secret-rules.ts";
import {
  etagOf,
  requireSecret,
  type SecretRecord,
  type SecretSettings,
  type SecretState,
} from "./state.ts";

const PAGE_LIMITS = { defaultSize: 25_000, maxSize: 25_000 };

/** The settings that an update may name; the replication itself never changes, only its key. */
const CHANGEABLE: ReadonlySet<string> = new Set([
  "annotations",
  "customerManagedEncryption",
  "expireTime",
  "labels",
  "rotation",
  "topics",
  "ttl",
  "versionAliases",
  "versionDestroyTtl",
]);
const REPLICATION_KEY = /^replication\..*customerManagedEncryption/;

/** google.cloud.secretmanager.v1.Secret as a caller sends it. */
type SecretInput = SecretSettings & {
  readonly name?: string;
  readonly ttl?: string;
  readonly etag?: string;
};

/** A list's request, of secrets or of versions. */
export type ListRequest = PageRequest & { readonly parent?: string; readonly filter?: string };

/**
 * CreateSecret: a secret without versions.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function createSecret(
  state: SecretState,
  request: { readonly parent?: string; readonly secretId?: string; readonly secret?: SecretInput },
  nowMs: number,
): object {
  const parent = parseParent(state.numbers, request.parent);
  const name = `${parent}/secrets/${checkSecretId(request.secretId)}`;
  if (request.secret === undefined) {
    throw badRequest("secret", "Secret must be provided.");
  }
  const settings = toSettings(request.secret, nowMs);
  checkSettings(settings, { name, nowMs, versionCount: 0, before: null });
  if (state.secrets.has(name)) {
    throw googleError("ALREADY_EXISTS", `Secret [${name}] already exists.`);
  }
  const createTime = toTimestamp(nowMs);
  const secret = { name, createTime, settings, revision: 1, versions: [] };
  state.secrets.set(name, secret);
  return toSecretView(secret);
}

/**
 * GetSecret
 * @throws GoogleError NOT_FOUND
 */
export function getSecret(state: SecretState, request: { readonly name?: string }): object {
  return toSecretView(requireSecret(state, parseSecretName(state.numbers, request.name)));
}

/** ListSecrets: newest first; no total size when there is a filter. */
export function listSecrets(state: SecretState, request: ListRequest): object {
  const parent = parseParent(state.numbers, request.parent);
  const isMeant = parseFilter(request.filter ?? "");
  const all = [...state.secrets.values()].filter(isIn(parent)).map(toSecretView);
  const page = paginate(all.toReversed().filter(isMeant), request, PAGE_LIMITS);
  return {
    secrets: page.items,
    nextPageToken: page.nextPageToken,
    totalSize: isFiltered(request) ? 0 : all.length,
  };
}

/**
 * UpdateSecret: what the mask names.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION for an etag out of date
 */
export function updateSecret(
  state: SecretState,
  request: { readonly secret?: SecretInput; readonly updateMask?: string },
  nowMs: number,
): object {
  const { secret: input = {}, updateMask = "" } = request;
  const current = requireSecret(state, parseSecretName(state.numbers, input.name));
  checkEtag(current, input.etag);
  const settings = applyFieldMask(current.settings, toSettings(input, nowMs), toMask(updateMask));
  const { name, revision, versions, settings: before } = current;
  checkSettings(settings, { name, nowMs, versionCount: versions.length, before });
  const next = { ...current, settings, revision: revision + 1 };
  state.secrets.set(name, next);
  return toSecretView(next);
}

/**
 * DeleteSecret, with all its versions.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for an etag out of date
 */
export function deleteSecret(
  state: SecretState,
  request: { readonly name?: string; readonly etag?: string },
): object {
  const secret = requireSecret(state, parseSecretName(state.numbers, request.name));
  checkEtag(secret, request.etag);
  state.secrets.delete(secret.name);
  state.forgetPolicy(secret.name);
  return {};
}

/** Whether a list call has a filter. */
export function isFiltered({ filter = "" }: ListRequest): boolean {
  return filter.trim() !== "";
}

/**
 * Refuses an etag that is not the current one; none is as good as the right one.
 * Source: https://cloud.google.com/secret-manager/docs/etags
 * @throws GoogleError FAILED_PRECONDITION
 */
export function checkEtag(
  { name, revision }: { readonly name: string; readonly revision: number },
  etag: string | undefined,
): void {
  if (etag !== undefined && etag !== "" && etag !== etagOf(name, revision)) {
    throw googleError(
      "FAILED_PRECONDITION",
      `The etag provided for [${name}] does not match the current etag of the resource.`,
    );
  }
}

function toSecretView({ name, createTime, settings, revision }: SecretRecord): object {
  return { name, createTime, ...settings, etag: etagOf(name, revision) };
}

/** Only what may be set: the rest of a Secret is the service's own, and tags are not shown. */
function toSettings(input: SecretInput, nowMs: number): SecretSettings {
  const expireTime =
    input.ttl === undefined ? input.expireTime : toTimestamp(nowMs + toSeconds(input.ttl) * 1_000);
  const settings = {
    replication: input.replication,
    labels: input.labels,
    topics: input.topics,
    expireTime,
    rotation: input.rotation,
    versionAliases: input.versionAliases,
    annotations: input.annotations,
    versionDestroyTtl: input.versionDestroyTtl,
    customerManagedEncryption: input.customerManagedEncryption,
    secretType: input.secretType,
  };
  const present = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present);
}

/** The mask with camelCase paths, of which `ttl` is another way to set `expireTime`. */
function toMask(updateMask: string): string {
  const paths = updateMask.split(",").filter((path) => path !== "");
  if (paths.length === 0) {
    throw badRequest("update_mask", "Field [update_mask] is required.");
  }
  const fields = paths.map(toCamelCase);
  const fixed = fields.find(
    (field) => !CHANGEABLE.has(field.split(".")[0] ?? "") && !REPLICATION_KEY.test(field),
  );
  if (fixed !== undefined) {
    throw badRequest("update_mask", `The field [${fixed}] of a secret cannot be changed.`);
  }
  return fields.map((field) => (field === "ttl" ? "expireTime" : field)).join(",");
}
