import type { Sums } from "./checksums.ts";
import type { Content } from "./contents.ts";
import { getBucket } from "./operations-buckets.ts";
import { checkPreconditions, type Query } from "./preconditions.ts";
import type { StorageContext } from "./request.ts";
import type { ObjectFields, StorageState, StoredObject } from "./state.ts";
import { invalid, noSuchObject, required } from "./storage-error.ts";

/** The longest name of an object, in bytes. Source: https://cloud.google.com/storage/docs/objects#naming */
const NAME_MAX_BYTES = 1024;

/** Where an object is. */
export type ObjectPlace = { readonly bucket: string; readonly name: string };

/** What to store. */
export type NewObject = {
  readonly bucket: string;
  readonly name?: string;
  readonly fields: ObjectFields;
  readonly content: Content;
  readonly query: Query;
  /** Of how many others it was composed, if it was. */
  readonly componentCount?: number;
};

/**
 * `objects.insert`: stores an object, in place of one with the same name.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 * @throws StorageError 400 for a bad name or checksum, 404 without the bucket, 412 for a precondition.
 */
export function insertObject(
  { state, contents, clock }: StorageContext,
  { bucket: bucketName, fields, content, query, componentCount, ...given }: NewObject,
): StoredObject {
  const bucket = getBucket(state, bucketName);
  const name = checkName(given.name ?? query("name") ?? fields.name);
  const before = bucket.objects.get(name);
  checkPreconditions(query, before);
  checkSums(fields, content.sums);
  const nowMs = clock.now();
  const generation = Math.max(nowMs * 1000, (state.counts.get("generation") ?? 0) + 1);
  state.counts.set("generation", generation);
  const { md5Hash, crc32c } = content.sums;
  const stored: StoredObject = {
    record: {
      name,
      fields,
      generation: String(generation),
      metageneration: "1",
      createdMs: nowMs,
      size: String(content.size),
      crc32c,
      ...(componentCount === undefined ? { md5Hash } : { componentCount }),
      digest: content.commit(),
    },
  };
  bucket.objects.set(name, stored);
  contents.retain(stored);
  if (before !== undefined) {
    contents.release(before);
  }
  return stored;
}

/**
 * The object of a name and, when asked for, of a generation. Older generations are not kept.
 * @throws StorageError 404 when there is none.
 */
export function findObject(
  state: StorageState,
  { bucket, name }: ObjectPlace,
  generation: string | undefined,
): StoredObject {
  const stored = getBucket(state, bucket).objects.get(name);
  if (
    stored === undefined ||
    (generation !== undefined && generation !== stored.record.generation)
  ) {
    throw noSuchObject(bucket, name);
  }
  return stored;
}

/**
 * `objects.delete`.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/delete
 * @throws StorageError 404 when there is none, 412 for a precondition.
 */
export function deleteObject(
  { state, contents }: StorageContext,
  place: ObjectPlace,
  query: Query,
): void {
  const found = findObject(state, place, query("generation"));
  checkPreconditions(query, found);
  getBucket(state, place.bucket).objects.delete(place.name);
  contents.release(found);
}

/** What to copy where. */
export type Copy = {
  readonly source: ObjectPlace;
  readonly target: ObjectPlace;
  /** Replaces what the source says about itself; the source's own when null. */
  readonly fields: ObjectFields | null;
  readonly query: Query;
};

/**
 * `objects.copy` and `objects.rewrite`, which here needs one call whatever the size.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 * @throws StorageError 404 without the source or a bucket, 412 for a precondition.
 */
export function copyObject(
  storage: StorageContext,
  { source, target, fields, query }: Copy,
): StoredObject {
  const found = findObject(storage.state, source, query("sourceGeneration"));
  checkPreconditions(query, found, "ifSource");
  const { size, md5Hash = "", crc32c, componentCount, digest } = found.record;
  return insertObject(storage, {
    ...target,
    fields: fields ?? found.record.fields,
    content: { size: Number(size), sums: { md5Hash, crc32c }, commit: () => digest },
    query,
    ...(componentCount !== undefined && { componentCount }),
  });
}

/** An object as the API shows it. */
export function toObjectResource(
  bucket: string,
  { record }: StoredObject,
  baseUrl: string,
): Readonly<Record<string, unknown>> {
  const { name, fields, generation, metageneration, createdMs } = record;
  const created = new Date(createdMs).toISOString();
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: "storage#object",
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${baseUrl}/${path}`,
    mediaLink: `${baseUrl}/download/${path}?generation=${generation}&alt=media`,
    ...fields,
    name,
    bucket,
    generation,
    metageneration,
    storageClass: fields.storageClass ?? "STANDARD",
    size: record.size,
    ...(record.md5Hash !== undefined && { md5Hash: record.md5Hash }),
    crc32c: record.crc32c,
    ...(record.componentCount !== undefined && { componentCount: record.componentCount }),
    etag: toEtag(record),
    timeCreated: created,
    updated: created,
    timeStorageClassUpdated: created,
    timeFinalized: created,
  };
}

/** Changes with every generation and metageneration. */
export function toEtag(record: {
  readonly generation: string;
  readonly metageneration: string;
}): string {
  return Buffer.from(`${record.generation}/${record.metageneration}`).toString("base64");
}

function checkName(name: string | undefined): string {
  if (name === undefined || name === "") {
    throw required("name");
  }
  const isForbidden = name === "." || name === ".." || /[\r\n]/.test(name);
  if (isForbidden || Buffer.byteLength(name) > NAME_MAX_BYTES) {
    throw invalid(`Invalid object name: '${name}'`);
  }
  return name;
}

function checkSums(fields: ObjectFields, sums: Sums): void {
  if (fields.crc32c !== undefined && fields.crc32c !== sums.crc32c) {
    throw invalid(
      `Provided CRC32C "${fields.crc32c}" doesn't match calculated CRC32C "${sums.crc32c}".`,
    );
  }
  if (fields.md5Hash !== undefined && fields.md5Hash !== sums.md5Hash) {
    throw invalid(
      `Provided MD5 hash "${fields.md5Hash}" doesn't match calculated MD5 hash "${sums.md5Hash}".`,
    );
  }
}
