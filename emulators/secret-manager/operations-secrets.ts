import { toTimestamp } from "../kit/clock.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { checkSecretId, isIn, parseParent, parseSecretName } from "./names.ts";
import { type SecretInput, toSettings } from "./secret-rules.ts";
import { etagOf, requireSecret, type SecretRecord, type SecretState } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 25_000, maxSize: 25_000 };

/** A secret itself never changes here. */
const REVISION = 1;

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
  const settings = toSettings(request.secret);
  if (state.secrets.has(name)) {
    throw googleError("ALREADY_EXISTS", `Secret [${name}] already exists.`);
  }
  const createTime = toTimestamp(nowMs);
  const secret = { name, createTime, settings, versions: [] };
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
 * DeleteSecret, with all its versions.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for an etag out of date
 */
export function deleteSecret(
  state: SecretState,
  request: { readonly name?: string; readonly etag?: string },
): object {
  const secret = requireSecret(state, parseSecretName(state.numbers, request.name));
  checkEtag({ name: secret.name, revision: REVISION }, request.etag);
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

function toSecretView({ name, createTime, settings }: SecretRecord): object {
  return { name, createTime, ...settings, etag: etagOf(name, REVISION) };
}
