import { textAt } from "../kit/access/rules.ts";
import { type Collection, collection, type Resource } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { isBelow, type Place } from "../kit/collection-names.ts";
import { crc32c } from "../kit/crc32c.ts";
import { badRequest, googleError } from "../kit/google-error.ts";

/** The descriptors of the API. */
export const PROTOS = "@google-cloud/secret-manager/build/protos/protos.json";

/** google.cloud.secretmanager.v1.Secret in JSON, as far as it is covered. */
type Secret = { readonly replication?: { readonly automatic?: object } };

/** google.cloud.secretmanager.v1.SecretVersion in JSON, with what it holds. */
type VersionOwn = {
  readonly state: "ENABLED" | "DISABLED" | "DESTROYED";
  readonly replicationStatus: object;
  readonly clientSpecifiedPayloadChecksum?: true;
  readonly destroyTime?: string;
  /** google.cloud.secretmanager.v1.SecretPayload in JSON; none once it is destroyed. */
  readonly hidden: { readonly data: string; readonly dataCrc32c: string } | null;
};

/** A version of a secret. */
export type Version = Resource<object, VersionOwn>;

/** All secrets, and the versions of all of them. */
export type Secrets = {
  readonly secrets: Collection<Secret, object>;
  readonly versions: Collection<object, VersionOwn>;
};

/** Source: https://cloud.google.com/secret-manager/quotas#content_limits */
const PAYLOAD_BYTES_MAX = 64 * 1024;

/** What the service lets an owner set beside, and no secret of an installation has. */
const NOT_EMULATED = [
  "annotations",
  "customerManagedEncryption",
  "expireTime",
  "labels",
  "replication.automatic.customerManagedEncryption",
  "replication.userManaged",
  "rotation",
  "secretType",
  "tags",
  "topics",
  "ttl",
  "versionAliases",
  "versionDestroyTtl",
];

const PAGES = { defaultSize: 25_000, maxSize: 25_000 };

/** No secret at first. `onDelete` is told of each that goes. */
export function openSecrets(onDelete: (secret: string) => void): Secrets {
  const versions: Secrets["versions"] = collection<object, VersionOwn>({
    type: "SecretVersion",
    pattern: "projects/*/secrets/*/versions/*",
    ids: {
      pattern: /^\d+$/,
      rule: "a number",
      make: (secret) => String(numberOf(newestOf(versions, secret)) + 1),
    },
    permission: "secretmanager.versions",
    verbs: ["get"],
    fields: describedFields(PROTOS, "google.cloud.secretmanager.v1.SecretVersion"),
    pages: PAGES,
    usualOrder: "newest first",
    parents: { find: (name) => secrets.find(name) },
    refusals: {
      notFound: (name) => googleError("NOT_FOUND", `Secret Version [${name}] not found.`),
    },
    create: (_, { request }) => ({
      state: "ENABLED",
      replicationStatus: { automatic: {} },
      ...readPayload(request),
    }),
  });
  const secrets = collection<Secret, object>({
    type: "Secret",
    pattern: "projects/*/secrets/*",
    ids: { pattern: /^[\w-]{1,255}$/, rule: "1 to 255 letters, digits, hyphens and underscores" },
    permission: "secretmanager.secrets",
    verbs: ["create", "get", "list", "delete"],
    fields: describedFields(PROTOS, "google.cloud.secretmanager.v1.Secret", {
      notEmulated: NOT_EMULATED,
    }),
    pages: PAGES,
    usualOrder: "newest first",
    refusals: {
      notFound: (name) => googleError("NOT_FOUND", `Secret [${name}] not found.`),
      taken: (name) => googleError("ALREADY_EXISTS", `Secret [${name}] already exists.`),
      stale,
    },
    create: ({ replication }) => {
      if (replication?.automatic === undefined) {
        throw badRequest("secret.replication", "Secret.replication must be provided.");
      }
      return {};
    },
    remove: ({ name }) => {
      const own = [...versions.records.keys()].filter((version) => isBelow(version, name));
      own.forEach((version) => versions.records.delete(version));
      onDelete(name);
      return null;
    },
  });
  return { secrets, versions };
}

/** Source: https://cloud.google.com/secret-manager/docs/etags */
export function stale(name: string): ReturnType<typeof googleError> {
  return googleError(
    "FAILED_PRECONDITION",
    `The etag provided for [${name}] does not match the current etag of the resource.`,
  );
}

/** The version of a secret that was made last, whatever its state. */
export function newestOf({ records }: Secrets["versions"], secret: string): Version | undefined {
  return [...records.values()].findLast(({ name }) => isBelow(name, secret));
}

function numberOf(version: Version | undefined): number {
  return Number(version?.name.split("/").at(-1) ?? 0);
}

/**
 * The payload of a request, with its checksum, which its owner may have said.
 * Source: https://cloud.google.com/secret-manager/docs/data-integrity
 */
function readPayload(
  request: Place["request"],
): Pick<VersionOwn, "hidden" | "clientSpecifiedPayloadChecksum"> {
  const data = textAt(request, "payload.data");
  const claimed = textAt(request, "payload.dataCrc32c");
  const bytes = Buffer.from(data, "base64");
  if (bytes.length === 0) {
    throw badRequest("payload.data", "The payload must have data.");
  }
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    throw badRequest(
      "payload.data",
      `The payload has ${bytes.length} bytes; at most ${PAYLOAD_BYTES_MAX} are allowed.`,
    );
  }
  const dataCrc32c = String(crc32c(bytes));
  if (claimed !== "" && claimed !== dataCrc32c) {
    throw badRequest(
      "payload.data_crc32c",
      `The checksum ${claimed} does not match the payload, whose checksum is ${dataCrc32c}.`,
    );
  }
  return {
    hidden: { data, dataCrc32c },
    ...(claimed !== "" && { clientSpecifiedPayloadChecksum: true }),
  };
}
