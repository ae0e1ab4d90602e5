import type { Context } from "hono";
import { readBody } from "../kit/body.ts";
import { getBucket } from "./buckets.ts";
import type { Content } from "./contents.ts";
import { toMediaResponse } from "./media.ts";
import { checkPreconditions, type Query } from "./preconditions.ts";
import { baseUrl, type Handler, parseFields, queryOf, type StorageContext } from "./request.ts";
import { ObjectFields, type StorageState, type StoredObject, toEtag } from "./state.ts";
import { invalid, noSuchObject, notImplemented } from "./storage-error.ts";

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
 * @throws GoogleError INVALID_ARGUMENT for a bad name or checksum, NOT_FOUND without the bucket, FAILED_PRECONDITION
 */
export function insertObject(
  { state, contents, clock }: StorageContext,
  { bucket: bucketName, fields, content, query, componentCount, ...given }: NewObject,
): StoredObject {
  const bucket = getBucket(state, bucketName);
  const name = checkName(given.name ?? query("name") ?? fields.name);
  const before = bucket.objects.get(name);
  checkPreconditions(query, before);
  checkFields(fields, content);
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

/** Stores an object whose content comes in chunks. @throws GoogleError as `insertObject` does */
export async function storeChunks(
  storage: StorageContext,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  object: Omit<NewObject, "content">,
): Promise<StoredObject> {
  const writer = storage.contents.write();
  try {
    for await (const chunk of chunks) {
      await writer.append(chunk);
    }
    return insertObject(storage, { ...object, content: await writer.content() });
  } finally {
    writer.discard();
  }
}

/**
 * The object of a name and, when asked for, of a generation. Older generations are not kept.
 * @throws GoogleError NOT_FOUND
 */
export function findObject(
  state: StorageState,
  { bucket, name }: ObjectPlace,
  generation: string | undefined,
): StoredObject {
  const stored = getBucket(state, bucket).objects.get(name);
  if (
    stored === undefined ||
    (generation ?? stored.record.generation) !== stored.record.generation
  ) {
    throw noSuchObject(bucket, name);
  }
  return stored;
}

/** `objects.get`, or its content. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/get */
export const onGetObject: Handler = ({ state, contents }, { c }) => {
  const place = placeOf(c);
  const query = queryOf(c);
  const stored = findObject(state, place, query("generation"));
  checkPreconditions(query, stored);
  return query("alt") === "media"
    ? toMediaResponse(contents, stored, c.req.raw)
    : Response.json(toObjectResource(place.bucket, stored, c));
};

/** `objects.delete`. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/delete */
export const onDeleteObject: Handler = ({ state, contents }, { c }) => {
  const place = placeOf(c);
  const found = findObject(state, place, c.req.query("generation"));
  checkPreconditions(queryOf(c), found);
  getBucket(state, place.bucket).objects.delete(place.name);
  contents.release(found);
  return new Response(null, { status: 204 });
};

/**
 * `objects.rewrite`, which here needs one call whatever the size. Metadata in the body replaces the source's.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 */
export const onRewrite: Handler = async (storage, { c }) => {
  const given = parseFields(ObjectFields, await readBody(c.req.raw));
  const query = queryOf(c);
  const { record, ...found } = findObject(storage.state, placeOf(c), query("sourceGeneration"));
  checkPreconditions(query, { record, ...found }, "ifSource");
  const { size, md5Hash = "", crc32c, componentCount, digest } = record;
  const bucket = c.req.param("toBucket") ?? "";
  const stored = insertObject(storage, {
    bucket,
    name: c.req.param("toObject") ?? "",
    fields: Object.keys(given).length === 0 ? record.fields : given,
    content: { size: Number(size), sums: { md5Hash, crc32c }, commit: () => digest },
    query,
    ...(componentCount !== undefined && { componentCount }),
  });
  return Response.json({
    kind: "storage#rewriteResponse",
    totalBytesRewritten: size,
    objectSize: size,
    done: true,
    resource: toObjectResource(bucket, stored, c),
  });
};

/** An object as the API shows it. */
export function toObjectResource(
  bucket: string,
  { record }: StoredObject,
  c: Context,
): Readonly<Record<string, unknown>> {
  const { fields, createdMs, digest: _own, ...facts } = record;
  const { name, generation } = facts;
  const created = new Date(createdMs).toISOString();
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: "storage#object",
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${baseUrl(c)}/${path}`,
    mediaLink: `${baseUrl(c)}/download/${path}?generation=${generation}&alt=media`,
    storageClass: "STANDARD",
    ...fields,
    ...facts,
    bucket,
    etag: toEtag(record),
    timeCreated: created,
    updated: created,
    timeStorageClassUpdated: created,
    timeFinalized: created,
  };
}

/** The object that a path names. */
export function placeOf(c: Context): ObjectPlace {
  return { bucket: c.req.param("bucket") ?? "", name: c.req.param("object") ?? "" };
}

function checkName(name: string | undefined): string {
  if (name === undefined || name === "") {
    throw invalid("Required parameter: name");
  }
  const isForbidden = name === "." || name === ".." || /[\r\n]/.test(name);
  if (isForbidden || Buffer.byteLength(name) > NAME_MAX_BYTES) {
    throw invalid(`Invalid object name: '${name}'`);
  }
  return name;
}

/** What comes with an upload has to be true of it, and nothing is unpacked on its way out. */
function checkFields({ contentEncoding = "", ...fields }: ObjectFields, { sums }: Content): void {
  if (contentEncoding !== "") {
    throw notImplemented("contentEncoding of an object");
  }
  for (const field of ["crc32c", "md5Hash"] as const) {
    const [given, own] = [fields[field], sums[field]];
    if (given !== undefined && given !== own) {
      throw invalid(`Provided ${field} "${given}" doesn't match calculated ${field} "${own}".`);
    }
  }
}
