import type { Context } from "hono";
import { withoutHidden } from "../kit/collection.ts";
import { googleError } from "../kit/google-error.ts";
import { rangedResponse } from "../kit/ranged-response.ts";
import { getBucket } from "./buckets.ts";
import { type Content, writeContent } from "./contents.ts";
import {
  addressOf,
  type Handler,
  placeOf,
  type Query,
  queryOf,
  readFields,
  type StorageContext,
} from "./request.ts";
import { ObjectFields, type StorageState, type StoredObject } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

/** The longest name of an object, in bytes. Source: https://cloud.google.com/storage/docs/objects#naming */
const NAME_MAX_BYTES = 1024;

/** Conditions that nobody asks here are not passed over. */
const NOT_COVERED = ["GenerationNotMatch", "MetagenerationMatch", "MetagenerationNotMatch"];

/** What to store. */
export type NewObject = {
  readonly bucket: string;
  readonly name?: string;
  readonly fields: ObjectFields;
  readonly content: Content;
  readonly query: Query;
  /** Of how many others it was composed, if it was. */
  readonly componentCount?: number | undefined;
};

/**
 * `objects.insert`: stores an object, in place of one with the same name.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/insert
 * @throws GoogleError INVALID_ARGUMENT for a bad name or checksum, NOT_FOUND without the bucket, FAILED_PRECONDITION
 */
export function insertObject(
  storage: StorageContext,
  { bucket, fields, content, query, componentCount, ...given }: NewObject,
): StoredObject {
  const { state, clock } = storage;
  getBucket(state, bucket);
  const name = checkName(given.name ?? query("name") ?? fields.name);
  const key = `${bucket}/${name}`;
  const before = state.objects.get(key);
  checkPreconditions(query, before);
  checkFields(fields, content);
  const nowMs = clock.now();
  const count = Math.max(nowMs * 1000, (state.counts.get("generation") ?? 0) + 1);
  state.counts.set("generation", count);
  const [generation, metageneration] = [String(count), "1"];
  const { size, crc32c, md5Hash, digest } = content;
  const { md5Hash: _same, ...said } = fields;
  const time = new Date(nowMs).toISOString();
  const stored = {
    kind: "storage#object",
    id: `${key}/${generation}`,
    storageClass: "STANDARD",
    ...said,
    ...(componentCount === undefined ? { md5Hash } : { componentCount }),
    name,
    bucket,
    generation,
    metageneration,
    size,
    crc32c,
    etag: Buffer.from(`${generation}/${metageneration}`).toString("base64"),
    timeCreated: time,
    updated: time,
    hidden: { digest },
  };
  content.commit();
  state.objects.set(key, stored);
  release(storage, before);
  return stored;
}

/** Stores an object whose content comes in chunks. @throws GoogleError as `insertObject` does */
export async function storeChunks(
  storage: StorageContext,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  object: Omit<NewObject, "content">,
): Promise<StoredObject> {
  const writer = writeContent(storage.blobs);
  try {
    for await (const chunk of chunks) {
      await writer.append(chunk);
    }
    return insertObject(storage, { ...object, content: await writer.content() });
  } finally {
    writer.discard();
  }
}

/** Forgets the content of an object that is no more, unless another has the same. */
export function release({ state, blobs, saved }: StorageContext, gone?: StoredObject): void {
  async function removeUnused(digest: string): Promise<void> {
    // Not before the state on disk has forgotten it as well: a process may be killed at any moment.
    await saved();
    if (![...state.objects.values()].some(({ hidden }) => hidden.digest === digest)) {
      blobs.remove(digest);
    }
  }
  if (gone !== undefined) {
    // What cannot be removed now is left over; nobody sees it.
    removeUnused(gone.hidden.digest).catch(() => undefined);
  }
}

/**
 * The object of a name and, when asked for, of a generation. Older generations are not kept.
 * @throws GoogleError NOT_FOUND
 */
export function findObject(
  state: StorageState,
  { bucket, name }: { readonly bucket: string; readonly name: string },
  generation: string | undefined,
): StoredObject {
  getBucket(state, bucket);
  const stored = state.objects.get(`${bucket}/${name}`);
  if (stored === undefined || (generation ?? stored.generation) !== stored.generation) {
    throw googleError("NOT_FOUND", `No such object: ${bucket}/${name}`);
  }
  return stored;
}

/**
 * Checks `ifGenerationMatch` against an object, or against its absence, which has generation 0. `prefix` is `ifSource`
 * for the source of a copy.
 * Source: https://cloud.google.com/storage/docs/request-preconditions
 * @throws GoogleError FAILED_PRECONDITION when it does not hold, UNIMPLEMENTED for another condition.
 */
export function checkPreconditions(
  query: Query,
  current: StoredObject | undefined,
  prefix: "if" | "ifSource" = "if",
): void {
  const other = NOT_COVERED.find((kind) => query(prefix + kind) !== undefined);
  if (other !== undefined) {
    throw notImplemented(`the condition ${prefix}${other}`);
  }
  const wanted = query(`${prefix}GenerationMatch`);
  if (wanted !== undefined && !/^\d{1,19}$/.test(wanted)) {
    throw invalid(`Invalid value for a precondition: ${wanted}`);
  }
  const generation = current?.generation ?? "0";
  if (wanted !== undefined && BigInt(wanted) !== BigInt(generation)) {
    throw googleError(
      "FAILED_PRECONDITION",
      "At least one of the pre-conditions you specified did not hold.",
    );
  }
}

/** `objects.get`, or its content. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/get */
export const onGetObject: Handler = ({ state, blobs }, c) => {
  const query = queryOf(c);
  const stored = findObject(state, placeOf(c), query("generation"));
  checkPreconditions(query, stored);
  if (query("alt") !== "media") {
    return objectResponse(stored, c);
  }
  return rangedResponse(c.req.raw, {
    size: Number(stored.size),
    headers: mediaHeaders(stored),
    stream: (range) => blobs.stream(stored.hidden.digest, range),
  });
};

function mediaHeaders(stored: StoredObject): Headers {
  const { md5Hash, crc32c } = stored;
  const headers = {
    "content-type": stored.contentType ?? "application/octet-stream",
    etag: stored.etag,
    "x-goog-generation": stored.generation,
    "x-goog-hash": `crc32c=${crc32c}${md5Hash === undefined ? "" : `,md5=${md5Hash}`}`,
    "x-goog-stored-content-encoding": "identity",
    "x-goog-stored-content-length": stored.size,
    "content-disposition": stored.contentDisposition ?? "",
    "content-language": stored.contentLanguage ?? "",
    "cache-control": stored.cacheControl ?? "",
  };
  return new Headers(Object.entries(headers).filter(([, value]) => value !== ""));
}

/** `objects.delete`. Source: https://cloud.google.com/storage/docs/json_api/v1/objects/delete */
export const onDeleteObject: Handler = (storage, c) => {
  const query = queryOf(c);
  const found = findObject(storage.state, placeOf(c), query("generation"));
  checkPreconditions(query, found);
  storage.state.objects.delete(`${found.bucket}/${found.name}`);
  release(storage, found);
  return new Response(null, { status: 204 });
};

/**
 * `objects.rewrite`, which here needs one call whatever the size. Metadata in the body replaces the source's.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite
 */
export const onRewrite: Handler = async (storage, c) => {
  const given = await readFields(ObjectFields, c);
  const query = queryOf(c);
  const found = findObject(storage.state, placeOf(c), query("sourceGeneration"));
  checkPreconditions(query, found, "ifSource");
  const { size, md5Hash = "", crc32c, componentCount, hidden } = found;
  const stored = insertObject(storage, {
    bucket: c.req.param("toBucket") ?? "",
    name: c.req.param("toObject") ?? "",
    fields: Object.keys(given).length === 0 ? ObjectFields.parse(found) : given,
    content: { size, md5Hash, crc32c, digest: hidden.digest, commit: () => undefined },
    query,
    componentCount,
  });
  return Response.json({
    kind: "storage#rewriteResponse",
    totalBytesRewritten: size,
    objectSize: size,
    done: true,
    resource: toObjectResource(stored, c),
  });
};

/** An object as the API shows it. */
export function toObjectResource(stored: StoredObject, c: Context): object {
  const { bucket, name, generation } = stored;
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    ...withoutHidden(stored),
    selfLink: addressOf(c, path),
    mediaLink: addressOf(c, `download/${path}?generation=${generation}&alt=media`),
  };
}

/** The answer that is an object. */
export function objectResponse(stored: StoredObject, c: Context): Response {
  return Response.json(toObjectResource(stored, c));
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
function checkFields({ contentEncoding = "", ...fields }: ObjectFields, content: Content): void {
  if (contentEncoding !== "") {
    throw notImplemented("contentEncoding of an object");
  }
  for (const field of ["crc32c", "md5Hash"] as const) {
    const [given, own] = [fields[field], content[field]];
    if (given !== undefined && given !== own) {
      throw invalid(`Provided ${field} "${given}" doesn't match calculated ${field} "${own}".`);
    }
  }
}
