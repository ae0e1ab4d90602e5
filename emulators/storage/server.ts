import { policyKeeper } from "../kit/access/policy-methods.ts";
import { type BlobStore, memoryBlobs } from "../kit/blob-store.ts";
import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { insertBucket } from "./buckets.ts";
import { openContents } from "./contents.ts";
import { storeChunks } from "./objects.ts";
import type { StorageContext } from "./request.ts";
import { addRoutes } from "./routes.ts";
import { createState } from "./state.ts";

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
};

/** A Cloud Storage that runs. */
export type Storage = RunningServer &
  ObjectReader & {
    /** Stores an object, in a bucket that is made if need be, and returns its `gs://` URI. */
    readonly put: (object: PutObject) => Promise<string>;
  };

const STORE_NAME = "storage";

/** Starts the JSON API of Cloud Storage. */
export async function startStorage(options: StorageOptions = {}): Promise<Storage> {
  const { clock = realClock(), faults = faultPlan(), persistence, access } = options;
  const state = createState();
  keepMaps(persistence, STORE_NAME, state);
  const keeper = policyKeeper(options, STORE_NAME);
  const known = access?.directory().parentOf;
  access?.use({
    parentOf: (resource) => {
      const [, name = ""] = /^projects\/_\/buckets\/([^/]+)$/.exec(resource) ?? [];
      const project = state.buckets.get(name)?.project;
      return project === undefined ? (known?.(resource) ?? null) : `projects/${project}`;
    },
  });
  const blobs = options.blobs ?? memoryBlobs();
  const contents = openContents(blobs, state, persistence?.saved ?? (() => null));
  const storage: StorageContext = { state, contents, sessions: new Map(), keeper, clock };
  const service = "storage.googleapis.com";
  const guard = access === undefined ? undefined : { access, service };
  const server = await serve({
    ...options,
    clock,
    faults,
    http: (app) => addRoutes(app, storage, { faults, guard }),
    guard: { service },
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

function readObject({ state, contents }: StorageContext, uri: string): Uint8Array | null {
  const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  const found = state.buckets.get(bucket)?.objects.get(name);
  return found === undefined ? null : contents.read(found);
}

async function putObject(storage: StorageContext, object: PutObject): Promise<string> {
  const { project, bucket, name, bytes } = object;
  if (!storage.state.buckets.has(bucket)) {
    insertBucket(storage, project, { name: bucket });
  }
  await storeChunks(storage, [bytes], { bucket, name, fields: {}, query: () => undefined });
  return `gs://${bucket}/${name}`;
}
