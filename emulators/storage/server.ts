import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { type BlobStore, memoryBlobs } from "../kit/blob-store.ts";
import { policyKeeper, type PolicyKeeper } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { faultPlan, type FaultPlan, runWithFaults } from "../kit/faults.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { bucketName, toRoutes } from "./access-rules.ts";
import { BucketPatch, checkKept, deleteBucket, patchBucket } from "./bucket-changes.ts";
import { ComposeFields, composeObject } from "./compose.ts";
import { openContents } from "./contents.ts";
import { toMediaResponse } from "./media.ts";
import { listObjects } from "./object-list.ts";
import { getBucket, insertBucket, listBuckets, toBucketResource } from "./operations-buckets.ts";
import {
  copyObject,
  deleteObject,
  findObject,
  insertObject,
  toObjectResource,
} from "./operations-objects.ts";
import { addPolicyRoutes, firstBindings } from "./policy-routes.ts";
import { checkReadPreconditions } from "./preconditions.ts";
import { baseUrl, parseFields, queryOf, type StorageContext } from "./request.ts";
import { BucketFields, createState, ObjectFields } from "./state.ts";
import { notImplemented, toErrorResponse } from "./storage-error.ts";
import { cancelUpload, upload, uploadChunk } from "./upload-routes.ts";

/** How the emulator runs. */
export type StorageOptions = EmulatorOptions & {
  /** Where contents are kept: in memory, unless `directoryBlobs` is given. */
  readonly blobs?: BlobStore | undefined;
};

/** An object put there by the process that runs the emulator. */
export type PutObject = {
  readonly project: string;
  readonly bucket: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType?: string;
};

/** A Cloud Storage that runs. */
export type Storage = RunningServer &
  ObjectReader & {
    /** Stores an object, in a bucket that is made if need be, and returns its `gs://` URI. */
    readonly put: (object: PutObject) => string;
    /** Forgets everything. */
    readonly reset: () => void;
  };

type Handler = (storage: StorageContext, c: Context) => Response | Promise<Response>;

const STORE_NAME = "storage";

/** Starts the JSON API of Cloud Storage. */
export async function startStorage(options: StorageOptions = {}): Promise<Storage> {
  const { clock = realClock(), faults = faultPlan(), persistence } = options;
  const state = createState();
  keepMaps(persistence, STORE_NAME, state);
  const { access } = options;
  const keeper = policyKeeper({ access, clock, persistence }, STORE_NAME);
  const known = access?.directory().parentOf;
  access?.use({
    parentOf: (resource) => {
      const [, name = ""] = /^projects\/_\/buckets\/([^/]+)$/.exec(resource) ?? [];
      const project = state.buckets.get(name)?.project;
      return project === undefined ? (known?.(resource) ?? null) : `projects/${project}`;
    },
  });
  function made(bucket: string, project: string): void {
    keeper.policies.set(bucketName(bucket), { bindings: firstBindings(project) });
  }
  const blobs = options.blobs ?? memoryBlobs();
  const contents = openContents(blobs, state, persistence?.saved ?? (() => null));
  const storage: StorageContext = { state, contents, sessions: new Map(), clock, made };
  const server = await serve({
    apis: [],
    persistence,
    clock,
    faults,
    port: options.port,
    http: (app) => addRoutes(app, storage, { faults, keeper }),
    guard: { access, service: "storage.googleapis.com", routes: toRoutes(state) },
  });
  return {
    ...server,
    read: (uri) => readObject(storage, uri),
    put: (object) => putObject(storage, object),
    reset: () => {
      state.buckets.forEach(({ objects }) => objects.forEach(contents.release));
      state.buckets.clear();
      storage.sessions.forEach(({ writer }) => writer.discard());
      storage.sessions.clear();
    },
  };
}

function addRoutes(
  app: Hono,
  storage: StorageContext,
  { faults, keeper }: { readonly faults: FaultPlan; readonly keeper: PolicyKeeper },
): void {
  const { clock } = storage;
  function route(name: string, handler: Handler): (c: Context) => Promise<Response> {
    const method = `storage/${name}`;
    faults.declare([method]);
    return async (c) => {
      try {
        return await runWithFaults({ clock, faults, method }, () => handler(storage, c));
      } catch (error) {
        return toErrorResponse(error);
      }
    };
  }
  addPolicyRoutes(app, keeper, route);
  app.post("/storage/v1/b", route("buckets.insert", onInsertBucket));
  app.get(
    "/storage/v1/b",
    route("buckets.list", (_, c) => c.json(listBuckets(storage.state, queryOf(c), baseUrl(c)))),
  );
  app.get("/storage/v1/b/:bucket", route("buckets.get", onGetBucket));
  app.patch("/storage/v1/b/:bucket", route("buckets.patch", onPatchBucket));
  app.delete("/storage/v1/b/:bucket", route("buckets.delete", onDeleteBucket));
  app.get("/storage/v1/b/:bucket/storageLayout", route("buckets.getStorageLayout", onGetLayout));
  app.get(
    "/storage/v1/b/:bucket/managedFolders",
    route("managedFolders.list", onListManagedFolders),
  );
  app.get("/storage/v1/b/:bucket/o", route("objects.list", onListObjects));
  app.delete("/storage/v1/b/:bucket/o/:object", route("objects.delete", onDeleteObject));
  for (const prefix of ["/storage/v1", "/download/storage/v1"]) {
    app.get(`${prefix}/b/:bucket/o/:object`, route("objects.get", onGetObject));
  }
  const source = "/storage/v1/b/:bucket/o/:object";
  app.post(`${source}/rewriteTo/b/:toBucket/o/:toObject`, route("objects.rewrite", onRewrite));
  app.post(`${source}/compose`, route("objects.compose", onCompose));
  app.post(`${source}/copyTo/b/:toBucket/o/:toObject`, route("objects.copy", onCopy));
  for (const prefix of ["/upload", "/resumable/upload"]) {
    const path = `${prefix}/storage/v1/b/:bucket/o`;
    app.post(path, route("objects.insert", upload));
    app.put(path, route("objects.insert", uploadChunk));
    app.delete(path, route("objects.insert", cancelUpload));
  }
  for (const path of ["/storage/v1/*", "/upload/*", "/download/*", "/batch/*"]) {
    app.all(path, (c) => toErrorResponse(notImplemented(`${c.req.method} ${c.req.path}`)));
  }
}

async function onInsertBucket(
  { state, clock, made }: StorageContext,
  c: Context,
): Promise<Response> {
  const fields = parseFields(BucketFields, await readBody(c.req.raw));
  checkKept(fields);
  const bucket = insertBucket(state, { project: c.req.query("project"), fields }, clock.now());
  made(fields.name, bucket.project);
  return Response.json(toBucketResource(bucket, baseUrl(c)));
}

function onGetBucket({ state }: StorageContext, c: Context): Response {
  return Response.json(toBucketResource(getBucket(state, c.req.param("bucket") ?? ""), baseUrl(c)));
}

/** gcloud asks for both before it removes or moves what is below a prefix: there are no folders here, only names. */
function onGetLayout({ state }: StorageContext, c: Context): Response {
  const bucket = c.req.param("bucket") ?? "";
  const { location } = toBucketResource(getBucket(state, bucket), baseUrl(c));
  const hierarchicalNamespace = { enabled: false };
  const kind = "storage#storageLayout";
  return Response.json({ kind, bucket, location, locationType: "region", hierarchicalNamespace });
}

function onListManagedFolders({ state }: StorageContext, c: Context): Response {
  getBucket(state, c.req.param("bucket") ?? "");
  return Response.json({ kind: "storage#managedFolders" });
}

async function onPatchBucket({ state }: StorageContext, c: Context): Promise<Response> {
  const patch = parseFields(BucketPatch, await readBody(c.req.raw));
  checkKept(patch);
  const bucket = patchBucket(state, c.req.param("bucket") ?? "", patch);
  return Response.json(toBucketResource(bucket, baseUrl(c)));
}

function onDeleteBucket({ state }: StorageContext, c: Context): Response {
  deleteBucket(state, c.req.param("bucket") ?? "");
  return new Response(null, { status: 204 });
}

function onListObjects({ state }: StorageContext, c: Context): Response {
  const request = { bucket: c.req.param("bucket") ?? "", query: queryOf(c) };
  return Response.json(listObjects(state, request, baseUrl(c)));
}

function onGetObject({ state, contents }: StorageContext, c: Context): Response {
  const place = placeOf(c);
  const stored = findObject(state, place, c.req.query("generation"));
  checkReadPreconditions(queryOf(c), stored);
  if (c.req.query("alt") === "media") {
    const range = c.req.header("range");
    const acceptEncoding = c.req.header("accept-encoding");
    return toMediaResponse(contents, stored, { range, acceptEncoding });
  }
  return Response.json(toObjectResource(place.bucket, stored, baseUrl(c)));
}

function onDeleteObject(storage: StorageContext, c: Context): Response {
  deleteObject(storage, placeOf(c), queryOf(c));
  return new Response(null, { status: 204 });
}

async function onCompose(storage: StorageContext, c: Context): Promise<Response> {
  const fields = parseFields(ComposeFields, await readBody(c.req.raw));
  const target = placeOf(c);
  const stored = await composeObject(storage, { target, fields, query: queryOf(c) });
  return Response.json(toObjectResource(target.bucket, stored, baseUrl(c)));
}

async function onCopy(storage: StorageContext, c: Context): Promise<Response> {
  return Response.json(await copy(storage, c));
}

async function onRewrite(storage: StorageContext, c: Context): Promise<Response> {
  const resource = await copy(storage, c);
  const { size } = resource;
  return Response.json({
    kind: "storage#rewriteResponse",
    totalBytesRewritten: size,
    objectSize: size,
    done: true,
    resource,
  });
}

async function copy(storage: StorageContext, c: Context): Promise<{ readonly size: string }> {
  const text = await readBody(c.req.raw);
  const target = { bucket: c.req.param("toBucket") ?? "", name: c.req.param("toObject") ?? "" };
  const given = parseFields(ObjectFields, text);
  const fields = Object.keys(given).length === 0 ? null : given;
  const stored = copyObject(storage, { source: placeOf(c), target, fields, query: queryOf(c) });
  return { ...toObjectResource(target.bucket, stored, baseUrl(c)), size: stored.record.size };
}

function placeOf(c: Context): { readonly bucket: string; readonly name: string } {
  return { bucket: c.req.param("bucket") ?? "", name: c.req.param("object") ?? "" };
}

function readObject({ state, contents }: StorageContext, uri: string): Uint8Array | null {
  const match = /^gs:\/\/([^/]+)\/(.+)$/s.exec(uri);
  const [, bucket = "", name = ""] = match ?? [];
  const found = state.buckets.get(bucket)?.objects.get(name);
  return found === undefined ? null : contents.read(found);
}

function putObject(storage: StorageContext, object: PutObject): string {
  const { state, clock, made, contents } = storage;
  const { project, bucket, name, bytes, contentType } = object;
  if (!state.buckets.has(bucket)) {
    insertBucket(state, { project, fields: { name: bucket } }, clock.now());
    made(bucket, project);
  }
  const fields = contentType === undefined ? {} : { contentType };
  const content = contents.of(bytes);
  insertObject(storage, { bucket, name, fields, content, query: () => undefined });
  return `gs://${bucket}/${name}`;
}
