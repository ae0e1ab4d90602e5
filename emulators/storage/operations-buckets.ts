import { paginate } from "../kit/page.ts";
import type { Query } from "./preconditions.ts";
import type { Bucket, BucketFields, StorageState } from "./state.ts";
import { invalid, noSuchBucket, required, StorageError } from "./storage-error.ts";

/** How many buckets or objects a page has at most, which is also what it has when nobody says. */
export const PAGE_LIMITS = { defaultSize: 1000, maxSize: 1000 };

/** Source: https://cloud.google.com/storage/docs/buckets#naming */
const BUCKET_NAME = /^[a-z0-9](?:[a-z0-9_.-]{1,220}[a-z0-9])$/;

/** The longest name, and the longest part between dots. */
const NAME_MAX = 222;
const LABEL_MAX = 63;

/** What is said when a bucket is made. */
export type NewBucket = { readonly project: string | undefined; readonly fields: BucketFields };

/**
 * `buckets.insert`.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/insert
 * @throws StorageError 400 for a bad name or no project, 409 when there is such a bucket.
 */
export function insertBucket(
  state: StorageState,
  { project, fields }: NewBucket,
  nowMs: number,
): Bucket {
  if (project === undefined || project === "") {
    throw required("project");
  }
  const { name } = fields;
  const isTooLong =
    name.length > NAME_MAX || name.split(".").some((part) => part.length > LABEL_MAX);
  if (!BUCKET_NAME.test(name) || isTooLong) {
    throw invalid(`Invalid bucket name: '${name}'`);
  }
  const existing = state.buckets.get(name);
  if (existing !== undefined) {
    const message =
      existing.project === project
        ? "Your previous request to create the named bucket succeeded and you already own it."
        : "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.";
    throw new StorageError({ code: 409, reason: "conflict" }, message);
  }
  const bucket: Bucket = { fields, project, createdMs: nowMs, objects: new Map() };
  state.buckets.set(name, bucket);
  return bucket;
}

/**
 * The bucket of a name.
 * @throws StorageError 404 when there is none.
 */
export function getBucket(state: StorageState, name: string): Bucket {
  const bucket = state.buckets.get(name);
  if (bucket === undefined) {
    throw noSuchBucket();
  }
  return bucket;
}

/**
 * `buckets.list`: the buckets of a project by name, with `prefix`, `maxResults` and `pageToken`.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/list
 * @throws StorageError 400 without a project.
 */
export function listBuckets(state: StorageState, query: Query, baseUrl: string): unknown {
  const project = query("project");
  if (project === undefined || project === "") {
    throw required("project");
  }
  const prefix = query("prefix") ?? "";
  const found = [...state.buckets.values()]
    .filter((bucket) => bucket.project === project && bucket.fields.name.startsWith(prefix))
    .toSorted((left, right) => compareNames(left.fields.name, right.fields.name));
  const page = paginate(found, toPageRequest(query), PAGE_LIMITS);
  return {
    kind: "storage#buckets",
    ...(page.nextPageToken === "" ? {} : { nextPageToken: page.nextPageToken }),
    ...(page.items.length === 0
      ? {}
      : { items: page.items.map((one) => toBucketResource(one, baseUrl)) }),
  };
}

/** A bucket as the API shows it. */
export function toBucketResource(
  { fields, createdMs }: Bucket,
  baseUrl: string,
): Readonly<Record<string, unknown>> {
  const created = new Date(createdMs).toISOString();
  return {
    kind: "storage#bucket",
    selfLink: `${baseUrl}/storage/v1/b/${fields.name}`,
    id: fields.name,
    metageneration: "1",
    timeCreated: created,
    updated: created,
    etag: "CAE=",
    locationType: "region",
    ...fields,
    location: (fields.location ?? "US").toUpperCase(),
    storageClass: fields.storageClass ?? "STANDARD",
  };
}

/** The page that `maxResults` and `pageToken` ask for. */
export function toPageRequest(query: Query): {
  readonly pageSize: number;
  readonly pageToken: string;
} {
  return { pageSize: Number(query("maxResults") ?? 0), pageToken: query("pageToken") ?? "" };
}

/** Names are listed in the order of their UTF-8 bytes. */
export function compareNames(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
