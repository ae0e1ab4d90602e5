import { z } from "zod";
import { getBucket } from "./operations-buckets.ts";
import { type Bucket, type BucketFields, type StorageState, Versioning } from "./state.ts";
import { notImplemented, StorageError } from "./storage-error.ts";

/** What may be changed of a bucket; null takes something away. */
export const BucketPatch = z.object({
  labels: z.record(z.string(), z.string().nullable()).optional(),
  iamConfiguration: z.record(z.string(), z.unknown()).optional(),
  lifecycle: z.record(z.string(), z.unknown()).optional(),
  softDeletePolicy: z.record(z.string(), z.unknown()).optional(),
  versioning: Versioning.optional(),
});
/** What may be changed of a bucket. */
export type BucketPatch = z.infer<typeof BucketPatch>;

/**
 * Refuses what would be taken for done: older generations are not kept.
 * @throws StorageError 501
 */
export function checkKept({ versioning }: Pick<BucketFields, "versioning">): void {
  if (versioning?.enabled === true) {
    throw notImplemented("versioning of a bucket");
  }
}

/**
 * `buckets.patch`: labels one by one, the rest as a whole.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/patch
 * @throws StorageError 404 when there is no such bucket.
 */
export function patchBucket(state: StorageState, name: string, patch: BucketPatch): Bucket {
  const bucket = getBucket(state, name);
  const labels = Object.entries({ ...bucket.fields.labels, ...patch.labels }).flatMap(
    ([key, value]) => (value === null ? [] : [[key, value] as const]),
  );
  const { iamConfiguration, lifecycle, softDeletePolicy } = patch;
  const fields = {
    ...bucket.fields,
    ...(iamConfiguration !== undefined && {
      iamConfiguration: { ...bucket.fields.iamConfiguration, ...iamConfiguration },
    }),
    ...(lifecycle !== undefined && { lifecycle }),
    ...(softDeletePolicy !== undefined && { softDeletePolicy }),
    ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
  };
  const changed = { ...bucket, fields };
  state.buckets.set(name, changed);
  return changed;
}

/**
 * `buckets.delete`.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets/delete
 * @throws StorageError 404 when there is no such bucket, 409 when there is something in it.
 */
export function deleteBucket(state: StorageState, name: string): void {
  if (getBucket(state, name).objects.size > 0) {
    throw new StorageError(
      { code: 409, reason: "conflict" },
      "The bucket you tried to delete is not empty.",
    );
  }
  state.buckets.delete(name);
}
