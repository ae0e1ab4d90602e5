import { randomUUID } from "node:crypto";
import type { Context } from "hono";
import { readBody, readBytes } from "../kit/body.ts";
import { parseMultipart } from "./multipart.ts";
import { getBucket } from "./operations-buckets.ts";
import { insertObject, toObjectResource } from "./operations-objects.ts";
import { checkPreconditions } from "./preconditions.ts";
import { baseUrl, parseFields, queryOf, type StorageContext } from "./request.ts";
import { findSession, receiveChunk, receivedRange } from "./resumable.ts";
import { ObjectFields } from "./state.ts";
import { invalid, notImplemented } from "./storage-error.ts";

const OBJECT_BYTES_MAX = 1024 ** 3;

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
  const { sessions, state, clock } = storage;
  const session = findSession(sessions, c.req.query("upload_id") ?? "", clock.now());
  const bytes = await readContent(c);
  if (session.done === null) {
    if (!receiveChunk(session, { range: c.req.header("content-range"), bytes })) {
      return new Response(null, { status: 308, headers: receivedRange(session) });
    }
    const { bucket, fields, query, received } = session;
    const sums = parseHashHeader(c.req.header("x-goog-hash"));
    const given = { bucket, fields: { ...fields, ...sums }, bytes: received, query };
    session.done = insertObject(state, given, clock.now());
  }
  return Response.json(toObjectResource(session.bucket, session.done, baseUrl(c)));
}

/** Gives up a resumable upload, which is answered with 499. */
export function cancelUpload({ sessions, clock }: StorageContext, c: Context): Response {
  const id = c.req.query("upload_id") ?? "";
  findSession(sessions, id, clock.now());
  sessions.delete(id);
  return new Response(null, { status: 499 });
}

async function uploadMedia(storage: StorageContext, c: Context): Promise<Response> {
  const contentType = c.req.header("content-type");
  return store(storage, c, {
    fields: {
      ...(contentType === undefined ? {} : { contentType }),
      ...parseHashHeader(c.req.header("x-goog-hash")),
    },
    bytes: await readContent(c),
  });
}

async function uploadMultipart(storage: StorageContext, c: Context): Promise<Response> {
  const body = await readContent(c);
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
    bytes: media.bytes,
  });
}

function store(
  storage: StorageContext,
  c: Context,
  object: { readonly fields: ObjectFields; readonly bytes: Uint8Array },
): Response {
  const bucket = c.req.param("bucket") ?? "";
  const stored = insertObject(
    storage.state,
    { bucket, ...object, query: queryOf(c) },
    storage.clock.now(),
  );
  return Response.json(toObjectResource(bucket, stored, baseUrl(c)));
}

async function startSession(
  { sessions, state, clock }: StorageContext,
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
    received: new Uint8Array(),
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

/** The bytes of an object. They are in memory, so that there is less room than on Google Cloud. */
async function readContent(c: Context): Promise<Buffer> {
  return readBytes(c.req.raw, OBJECT_BYTES_MAX);
}
