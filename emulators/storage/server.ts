import { policyKeeper } from "../kit/access/policy-methods.ts";
import { type BlobStore, memoryBlobs } from "../kit/blob-store.ts";
import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { release } from "./objects.ts";
import type { StorageContext } from "./request.ts";
import { addRoutes } from "./routes.ts";
import type { StorageState } from "./state.ts";

/** How the emulator runs. */
export type StorageOptions = EmulatorOptions & {
  /** Where contents are kept: in memory, unless `directoryBlobs` is given. */
  readonly blobs?: BlobStore | undefined;
};

/** A Cloud Storage that runs. */
export type Storage = RunningServer & ObjectReader;

const STORE_NAME = "storage";

/** Starts the JSON API of Cloud Storage. */
export async function startStorage(options: StorageOptions = {}): Promise<Storage> {
  const { clock = realClock(), faults = faultPlan(), persistence, access } = options;
  const state: StorageState = { buckets: new Map(), objects: new Map(), counts: new Map() };
  // By the names of the API's types, as what was kept before is of another form.
  const { buckets, objects, counts } = state;
  keepMaps(persistence, STORE_NAME, { Bucket: buckets, Object: objects, counts });
  const keeper = policyKeeper(options, STORE_NAME);
  const known = access?.directory().parentOf;
  access?.use({
    parentOf: (resource) => {
      const [, name = ""] = /^projects\/_\/buckets\/([^/]+)$/.exec(resource) ?? [];
      const project = buckets.get(name)?.hidden.project;
      return project === undefined ? (known?.(resource) ?? null) : `projects/${project}`;
    },
  });
  const { blobs = memoryBlobs() } = options;
  const saved = persistence?.saved ?? (() => null);
  const storage: StorageContext = { state, blobs, saved, sessions: new Map(), keeper, clock };
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
    reset: () => {
      const gone = [...objects.values()];
      [buckets, objects].forEach((records) => records.clear());
      gone.forEach((object) => release(storage, object));
      storage.sessions.forEach(({ writer }) => writer.discard());
      storage.sessions.clear();
    },
  };
}

function readObject({ state, blobs }: StorageContext, uri: string): Uint8Array | null {
  const found = uri.startsWith("gs://") ? state.objects.get(uri.slice("gs://".length)) : undefined;
  return found === undefined ? null : blobs.readNow(found.hidden.digest);
}
