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

/** An object's facts; its content is kept elsewhere. */
export type StoredObject = {
  readonly record: {
    readonly name: string;
    readonly fields: ObjectFields;
    readonly generation: string;
    readonly metageneration: string;
    readonly createdMs: number;
    readonly size: string;
    /** Not of an object that was composed. */
    readonly md5Hash?: string;
    readonly crc32c: string;
    readonly componentCount?: number;
    /** Under what its content is kept. */
    readonly digest: string;
  };
};

/** A bucket with its objects by name. */
export type Bucket = {
  readonly fields: BucketFields;
  readonly project: string;
  readonly createdMs: number;
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

/** Changes with every generation and metageneration. */
export function toEtag(record: {
  readonly generation: string;
  readonly metageneration: string;
}): string {
  return Buffer.from(`${record.generation}/${record.metageneration}`).toString("base64");
}
