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
  versioning: z.object({ enabled: z.boolean().optional() }).optional(),
});
/** What a caller may say about a bucket. */
export type BucketFields = z.infer<typeof BucketFields>;

/** An object as the API shows it, but for its addresses. */
export type StoredObject = ObjectFields & {
  readonly name: string;
  readonly bucket: string;
  readonly generation: string;
  readonly metageneration: string;
  readonly etag: string;
  readonly size: string;
  readonly crc32c: string;
  /** Of how many others it was composed, if it was; then it has no MD5. */
  readonly componentCount?: number;
  readonly timeCreated: string;
  readonly hidden: {
    /** Under what its content is kept. */
    readonly digest: string;
  };
};

/** A bucket as the API shows it, but for its address. */
export type Bucket = BucketFields & {
  readonly location: string;
  readonly hidden: { readonly project: string };
};

/** Everything that the emulator keeps. */
export type StorageState = {
  readonly buckets: Map<string, Bucket>;
  /** By bucket and name, with a slash between them. */
  readonly objects: Map<string, StoredObject>;
  /** The last generation given out; each object written gets a higher one. */
  readonly counts: Map<"generation", number>;
};
