import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { readBody, readBytes } from "../kit/body.ts";
import type { Content } from "./contents.ts";
import { parseMultipart } from "./multipart.ts";
import { getBucket } from "./operations-buckets.ts";
import { insertObject, toObjectResource } from "./operations-objects.ts";
import { checkPreconditions } from "./preconditions.ts";
import { baseUrl, parseFields, queryOf, type StorageContext } from "./request.ts";
import { findSession, receiveChunk, receivedRange } from "./resumable.ts";
import { ObjectFields } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

/** A body of two parts is held in memory; larger objects are uploaded as media, or resumably. */
const MULTIPART_BYTES_MAX = 256 * 1024 ** 2;

/** `objects.insert` in each of its three forms, by `uploadType`. */
export async function upload(storage: StorageContext, c: Context): Promise<Response> {
  const type = c.req.query("uploadType") ?? "";
  switch (type) {
    case "media":
      return uploadMedia(storage, c);
    case "multipart":
      return uploadMultipart(storage, c);
    case "resumable":
      return startSession(storage, c);
    default:
      throw notImplemented(`the uploadType "${type}"`);
  }
}

/**
 * A chunk of a resumable upload, or the question how much has come: 308 until everything has.
 * Source: https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export async function uploadChunk(storage: StorageContext, c: Context): Promise<Response> {
  const { sessions, clock } = storage;
  const session = findSession(sessions, c.req.query("upload_id") ?? "", clock.now());
  if (session.done === null) {
    const range = c.req.header("content-range");
    if (!(await receiveChunk(session, { range, body: chunksOf(c) }))) {
      return new Response(null, { status: 308, headers: receivedRange(session) });
    }
    const { bucket, fields, query, writer } = session;
    const sums = parseHashHeader(c.req.header("x-goog-hash"));
    const content = await writer.content();
    session.done ??= insertObject(storage, {
      bucket,
      fields: { ...fields, ...sums },
      content,
      query,
    });
  }
  return Response.json(toObjectResource(session.bucket, session.done, baseUrl(c)));
}

/** Gives up a resumable upload, which is answered with 499. */
export function cancelUpload({ sessions, clock }: StorageContext, c: Context): Response {
  const id = c.req.query("upload_id") ?? "";
  findSession(sessions, id, clock.now()).writer.discard();
  sessions.delete(id);
  return new Response(null, { status: 499 });
}

async function uploadMedia(storage: StorageContext, c: Context): Promise<Response> {
  const contentType = c.req.header("content-type");
  const writer = storage.contents.write();
  try {
    for await (const chunk of chunksOf(c)) {
      await writer.append(chunk);
    }
    const fields = {
      ...(contentType === undefined ? {} : { contentType }),
      ...parseHashHeader(c.req.header("x-goog-hash")),
    };
    return store(storage, c, { fields, content: await writer.content() });
  } finally {
    writer.discard();
  }
}

async function uploadMultipart(storage: StorageContext, c: Context): Promise<Response> {
  const body = await readBytes(c.req.raw, MULTIPART_BYTES_MAX);
  const [description, media, ...others] = parseMultipart(c.req.header("content-type") ?? "", body);
  if (description === undefined || media === undefined || others.length > 0) {
    throw invalid("A multipart upload must have two parts.");
  }
  const fields = parseFields(ObjectFields, Buffer.from(description.bytes).toString());
  const contentType = fields.contentType ?? media.contentType;
  return store(storage, c, {
    fields: {
      ...fields,
      ...(contentType === undefined ? {} : { contentType }),
      ...parseHashHeader(c.req.header("x-goog-hash")),
    },
    content: storage.contents.of(media.bytes),
  });
}

function store(
  storage: StorageContext,
  c: Context,
  object: { readonly fields: ObjectFields; readonly content: Content },
): Response {
  const bucket = c.req.param("bucket") ?? "";
  const stored = insertObject(storage, { bucket, ...object, query: queryOf(c) });
  return Response.json(toObjectResource(bucket, stored, baseUrl(c)));
}

async function startSession(
  { sessions, state, contents, clock }: StorageContext,
  c: Context,
): Promise<Response> {
  const bucket = c.req.param("bucket") ?? "";
  const fields = parseFields(ObjectFields, await readBody(c.req.raw));
  const parameters = new Map(new URL(c.req.url).searchParams);
  const query = (name: string): string | undefined => parameters.get(name);
  checkPreconditions(
    query,
    getBucket(state, bucket).objects.get(query("name") ?? fields.name ?? ""),
  );
  const contentType = fields.contentType ?? c.req.header("x-upload-content-type");
  const id = randomUUID();
  sessions.set(id, {
    bucket,
    fields: { ...fields, ...(contentType === undefined ? {} : { contentType }) },
    query,
    createdMs: clock.now(),
    writer: contents.write(),
    isBusy: false,
    done: null,
  });
  const location = new URL(c.req.url);
  location.searchParams.set("upload_id", id);
  return new Response(null, { headers: { location: location.href, "x-guploader-uploadid": id } });
}

/** `X-Goog-Hash: crc32c=…,md5=…`. Source: https://cloud.google.com/storage/docs/xml-api/reference-headers#xgooghash */
function parseHashHeader(header: string | undefined): ObjectFields {
  const crc32c = /crc32c=([A-Za-z0-9+/=]+)/.exec(header ?? "")?.[1];
  const md5Hash = /md5=([A-Za-z0-9+/=]+)/.exec(header ?? "")?.[1];
  return {
    ...(crc32c === undefined ? {} : { crc32c }),
    ...(md5Hash === undefined ? {} : { md5Hash }),
  };
}

/** A body as it comes, which may be more than there is memory. */
function chunksOf(c: Context): AsyncIterable<Uint8Array> {
  return c.req.raw.body ?? new Blob([]).stream();
}
