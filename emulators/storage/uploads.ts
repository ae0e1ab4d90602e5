import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { readBytes } from "../kit/body.ts";
import { googleError } from "../kit/google-error.ts";
import { getBucket } from "./buckets.ts";
import { writeContent } from "./contents.ts";
import { parseMultipart } from "./multipart.ts";
import { checkPreconditions, insertObject, objectResponse, storeChunks } from "./objects.ts";
import {
  type Handler,
  parseFields,
  placeOf,
  queryOf,
  readFields,
  type StorageContext,
} from "./request.ts";
import { forgetOld, receiveChunk, receivedRange } from "./resumable.ts";
import { ObjectFields } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

/** A body of two parts is held in memory; larger objects are uploaded as media, or resumably. */
const MULTIPART_BYTES_MAX = 256 * 1024 ** 2;

/** `objects.insert` in each of its three forms, by `uploadType`. */
export const onUpload: Handler = async (storage, c) => {
  const type = c.req.query("uploadType") ?? "";
  switch (type) {
    case "media": {
      const fields = withType({}, c.req.header("content-type"));
      return store(storage, c, { fields, chunks: chunksOf(c) });
    }
    case "multipart":
      return uploadMultipart(storage, c);
    case "resumable":
      return startSession(storage, c);
    default:
      throw notImplemented(`the uploadType "${type}"`);
  }
};

/**
 * A chunk of a resumable upload, or the question how much has come: 308 until everything has.
 * Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export const onChunk: Handler = async (storage, c) => {
  const { sessions, clock } = storage;
  const id = c.req.query("upload_id") ?? "";
  forgetOld(sessions, clock.now());
  const session = sessions.get(id);
  if (session === undefined) {
    throw googleError("NOT_FOUND", `No such upload session: ${id}`);
  }
  if (session.done === null) {
    const range = c.req.header("content-range");
    if (!(await receiveChunk(session, { range, body: chunksOf(c) }))) {
      return new Response(null, { status: 308, headers: receivedRange(session) });
    }
    const { bucket, query, writer } = session;
    const fields = { ...session.fields, ...parseHashHeader(c.req.header("x-goog-hash")) };
    const content = await writer.content();
    session.done ??= insertObject(storage, { bucket, fields, content, query });
  }
  return objectResponse(session.done, c);
};

async function uploadMultipart(storage: StorageContext, c: Context): Promise<Response> {
  const body = await readBytes(c.req.raw, MULTIPART_BYTES_MAX);
  const [description, media, ...others] = parseMultipart(c.req.header("content-type") ?? "", body);
  if (description === undefined || media === undefined || others.length > 0) {
    throw invalid("A multipart upload must have two parts.");
  }
  const fields = parseFields(ObjectFields, Buffer.from(description.bytes).toString());
  const chunks = [media.bytes];
  return store(storage, c, { fields: withType(fields, media.contentType), chunks });
}

async function store(
  storage: StorageContext,
  c: Context,
  given: {
    readonly fields: ObjectFields;
    readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  },
): Promise<Response> {
  const { bucket } = placeOf(c);
  const fields = { ...given.fields, ...parseHashHeader(c.req.header("x-goog-hash")) };
  const stored = await storeChunks(storage, given.chunks, { bucket, fields, query: queryOf(c) });
  return objectResponse(stored, c);
}

async function startSession(
  { sessions, state, blobs, clock }: StorageContext,
  c: Context,
): Promise<Response> {
  const { name: bucket } = getBucket(state, placeOf(c).bucket);
  const fields = await readFields(ObjectFields, c);
  const query = queryOf(c);
  const name = query("name") ?? fields.name ?? "";
  checkPreconditions(query, state.objects.get(`${bucket}/${name}`));
  forgetOld(sessions, clock.now());
  const id = randomUUID();
  sessions.set(id, {
    bucket,
    fields: withType(fields, c.req.header("x-upload-content-type")),
    query,
    createdMs: clock.now(),
    writer: writeContent(blobs),
    isBusy: false,
    done: null,
  });
  const location = new URL(c.req.url);
  location.searchParams.set("upload_id", id);
  return new Response(null, { headers: { location: location.href, "x-guploader-uploadid": id } });
}

/** The type that the content came with counts where the metadata say none. */
function withType(fields: ObjectFields, contentType: string | undefined): ObjectFields {
  return contentType === undefined ? fields : { contentType, ...fields };
}

/** `X-Goog-Hash: crc32c=…,md5=…`. Source: https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash */
function parseHashHeader(header: string | undefined): ObjectFields {
  const crc32c = /crc32c=([A-Za-z0-9+/=]+)/.exec(header ?? "")?.[1];
  const md5Hash = /md5=([A-Za-z0-9+/=]+)/.exec(header ?? "")?.[1];
  return { ...(crc32c !== undefined && { crc32c }), ...(md5Hash !== undefined && { md5Hash }) };
}

/** A body as it comes, which may be more than there is memory. */
function chunksOf(c: Context): AsyncIterable<Uint8Array> {
  return c.req.raw.body ?? new Blob([]).stream();
}
