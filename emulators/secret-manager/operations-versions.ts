import { toTimestamp } from "../kit/clock.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { checksumOf } from "./checksum.ts";
import { parseSecretName, parseVersionName } from "./names.ts";
import { checkEtag, isFiltered, type ListRequest } from "./operations-secrets.ts";
import {
  etagOf,
  requireSecret,
  type SecretRecord,
  type SecretState,
  type VersionRecord,
} from "./state.ts";

/** Source: https://cloud.google.com/secret-manager/quotas#content_limits */
const PAYLOAD_BYTES_MAX = 64 * 1024;
const PAGE_LIMITS = { defaultSize: 25_000, maxSize: 25_000 };
const NUMBER = /^[1-9]\d*$/;

type Payload = { readonly data?: string; readonly dataCrc32c?: string };
type VersionRequest = { readonly name?: string; readonly etag?: string };

/** A version with its secret and its place there, counted from 1. */
type Found = {
  readonly secret: SecretRecord;
  readonly number: number;
  readonly version: VersionRecord;
};

/**
 * AddSecretVersion
 * @throws GoogleError NOT_FOUND, INVALID_ARGUMENT without data, above 64 KiB, for a wrong checksum
 */
export function addSecretVersion(
  state: SecretState,
  request: { readonly parent?: string; readonly payload?: Payload },
  nowMs: number,
): object {
  const secret = requireSecret(state, parseSecretName(state.numbers, request.parent));
  const { data, dataCrc32c } = checkPayload(request.payload);
  const version: VersionRecord = {
    createTime: toTimestamp(nowMs),
    destroyTime: null,
    state: "ENABLED",
    data,
    dataCrc32c,
    clientSpecifiedPayloadChecksum: request.payload?.dataCrc32c !== undefined,
    revision: 1,
  };
  const versions = [...secret.versions, version];
  state.secrets.set(secret.name, { ...secret, versions });
  return toVersionView({ secret, number: versions.length, version });
}

/**
 * GetSecretVersion, by number or `latest`.
 * @throws GoogleError NOT_FOUND
 */
export function getSecretVersion(state: SecretState, request: VersionRequest): object {
  return toVersionView(findByAny(state, request.name));
}

/**
 * AccessSecretVersion, by number or `latest`: the payload. `latest` is the version created last,
 * whatever its state.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION unless it is enabled
 */
export function accessSecretVersion(state: SecretState, request: VersionRequest): object {
  const found = findByAny(state, request.name);
  const { data, dataCrc32c, state: versionState } = found.version;
  if (versionState !== "ENABLED" || data === null) {
    throw inState(found);
  }
  return { name: nameOf(found), payload: { data, dataCrc32c } };
}

/** ListSecretVersions: newest first; no total size when there is a filter. */
export function listSecretVersions(state: SecretState, request: ListRequest): object {
  const secret = requireSecret(state, parseSecretName(state.numbers, request.parent));
  const isMeant = parseFilter(request.filter ?? "");
  const all = secret.versions.map((version, index) =>
    toVersionView({ secret, number: index + 1, version }),
  );
  const page = paginate(all.toReversed().filter(isMeant), request, PAGE_LIMITS);
  return {
    versions: page.items,
    nextPageToken: page.nextPageToken,
    totalSize: isFiltered(request) ? 0 : all.length,
  };
}

/**
 * EnableSecretVersion
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for a destroyed version or an etag out of date
 */
export function enableSecretVersion(state: SecretState, request: VersionRequest): object {
  return change(state, request, { state: "ENABLED" });
}

/**
 * DisableSecretVersion
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for a destroyed version or an etag out of date
 */
export function disableSecretVersion(state: SecretState, request: VersionRequest): object {
  return change(state, request, { state: "DISABLED" });
}

/**
 * DestroySecretVersion: its data is gone for good.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for a destroyed version or an etag out of date
 */
export function destroySecretVersion(
  state: SecretState,
  request: VersionRequest,
  nowMs: number,
): object {
  return change(state, request, {
    state: "DESTROYED",
    data: null,
    destroyTime: toTimestamp(nowMs),
  });
}

/** Even a change that changes nothing gives the version a new etag. */
function change(
  state: SecretState,
  request: VersionRequest,
  changes: Partial<VersionRecord>,
): object {
  const found = findByNumber(state, request.name);
  const { secret, number, version } = found;
  checkEtag({ name: nameOf(found), revision: version.revision }, request.etag);
  if (version.state === "DESTROYED") {
    throw inState(found);
  }
  const next = { ...version, ...changes, revision: version.revision + 1 };
  state.secrets.set(secret.name, {
    ...secret,
    versions: secret.versions.with(number - 1, next),
  });
  return toVersionView({ secret, number, version: next });
}

function findByAny(state: SecretState, name: string | undefined): Found {
  const { secret: secretName, version } = parseVersionName(state.numbers, name);
  const secret = requireSecret(state, secretName);
  if (version === "latest") {
    const last = secret.versions.at(-1);
    if (last === undefined) {
      throw googleError("NOT_FOUND", `Secret [${secret.name}] not found or has no versions.`);
    }
    return { secret, number: secret.versions.length, version: last };
  }
  return pick(secret, version);
}

/** `latest` is only for reading. */
function findByNumber(state: SecretState, name: string | undefined): Found {
  const { secret, version } = parseVersionName(state.numbers, name);
  if (!NUMBER.test(version)) {
    throw badRequest("name", `Only a version's number can be changed, not "${version}".`);
  }
  return pick(requireSecret(state, secret), version);
}

function pick(secret: SecretRecord, version: string): Found {
  const number = NUMBER.test(version) ? Number(version) : 0;
  const found = secret.versions[number - 1];
  if (found === undefined) {
    const name = `${secret.name}/versions/${version}`;
    throw googleError("NOT_FOUND", `Secret Version [${name}] not found.`);
  }
  return { secret, number, version: found };
}

function checkPayload(payload: Payload | undefined): { data: string; dataCrc32c: string } {
  if (payload === undefined) {
    throw badRequest("payload", "Field [payload] is required.");
  }
  const { data = "", dataCrc32c: claimed } = payload;
  const bytes = Buffer.from(data, "base64");
  if (bytes.length === 0) {
    throw badRequest("payload.data", "Secret Payload cannot be empty.");
  }
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    throw badRequest(
      "payload.data",
      `The payload has ${bytes.length} bytes; at most ${PAYLOAD_BYTES_MAX} are allowed.`,
    );
  }
  const dataCrc32c = checksumOf(bytes);
  if (claimed !== undefined && claimed !== dataCrc32c) {
    throw badRequest(
      "payload.data_crc32c",
      `The checksum ${claimed} does not match the payload, whose checksum is ${dataCrc32c}.`,
    );
  }
  return { data, dataCrc32c };
}

function inState(found: Found): Error {
  return googleError(
    "FAILED_PRECONDITION",
    `Secret Version [${nameOf(found)}] is in ${found.version.state} state.`,
  );
}

function nameOf({ secret, number }: Found): string {
  return `${secret.name}/versions/${number}`;
}

function toVersionView(found: Found): object {
  const { secret, version } = found;
  const { createTime, destroyTime, clientSpecifiedPayloadChecksum } = version;
  const name = nameOf(found);
  return {
    name,
    createTime,
    state: version.state,
    ...(destroyTime === null ? {} : { destroyTime }),
    ...toReplicationStatus(secret),
    etag: etagOf(name, version.revision),
    clientSpecifiedPayloadChecksum,
  };
}

function toReplicationStatus({ settings }: SecretRecord): object {
  const { automatic, userManaged } = settings.replication ?? {};
  if (userManaged !== undefined) {
    const replicas = (userManaged.replicas ?? []).map(({ location }) => ({ location }));
    return { replicationStatus: { userManaged: { replicas } } };
  }
  return automatic === undefined ? {} : { replicationStatus: { automatic: {} } };
}
