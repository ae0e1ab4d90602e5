import { z } from "zod";

/**
 * What a caller may say about an object.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects#resource
 */
export const ObjectFields = z.object({
  name: z.string().optional(),
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  contentDisposition: z.string().optional(),
  contentLanguage: z.string().optional(),
  cacheControl: z.string().optional(),
  customTime: z.string().optional(),
  storageClass: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
});
/** What a caller may say about an object. */
export type ObjectFields = z.infer<typeof ObjectFields>;

/** Whether older generations are to be kept. */
export const Versioning = z.object({ enabled: z.boolean().optional() });

/**
 * What a caller may say about a bucket.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/buckets#resource
 */
export const BucketFields = z.object({
  name: z.string(),
  location: z.string().optional(),
  storageClass: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  iamConfiguration: z.record(z.string(), z.unknown()).optional(),
  lifecycle: z.record(z.string(), z.unknown()).optional(),
  softDeletePolicy: z.record(z.string(), z.unknown()).optional(),
  versioning: Versioning.optional(),
});
/** What a caller may say about a bucket. */
export type BucketFields = z.infer<typeof BucketFields>;

const ObjectRecord = z.object({
  name: z.string(),
  fields: ObjectFields,
  generation: z.string(),
  metageneration: z.string(),
  createdMs: z.number(),
  size: z.string(),
  /** Not of an object that was composed. */
  md5Hash: z.string().optional(),
  crc32c: z.string(),
  componentCount: z.number().optional(),
  /** Under what its content is kept. */
  digest: z.string(),
});

const BucketRecord = z.object({ fields: BucketFields, project: z.string(), createdMs: z.number() });

/** An object's facts. */
export type ObjectRecord = Readonly<z.infer<typeof ObjectRecord>>;

/** An object; its content is kept elsewhere. */
export type StoredObject = { readonly record: ObjectRecord };

/** A bucket with its objects by name. */
export type Bucket = Readonly<z.infer<typeof BucketRecord>> & {
  readonly objects: Map<string, StoredObject>;
};

/** Everything that the emulator keeps. */
export type StorageState = {
  readonly buckets: Map<string, Bucket>;
  /** The last generation given out; each object written gets a higher one. */
  readonly counts: Map<"generation", number>;
};

/** No buckets. */
export function createState(): StorageState {
  return { buckets: new Map(), counts: new Map() };
}
