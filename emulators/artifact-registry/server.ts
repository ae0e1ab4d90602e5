import { policyKeeper } from "../kit/access/policy-methods.ts";
import { type BlobStore, memoryBlobs } from "../kit/blob-store.ts";
import { realClock } from "../kit/clock.ts";
import { recordsOf } from "../kit/collection-methods.ts";
import { idOf, parentOf } from "../kit/collection-names.ts";
import { faultPlan } from "../kit/faults.ts";
import type { ImageCatalog } from "../kit/image-catalog.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { createOperations } from "../kit/operation.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { toApi, toRules } from "./api.ts";
import { end } from "./blobs.ts";
import { dropBelow, dropLost } from "./changes.ts";
import { serveDistribution } from "./distribution.ts";
import { openImageCatalog } from "./image-catalog.ts";
import { openKinds } from "./kinds.ts";
import type { Registry, Repository, Upload } from "./state.ts";

/** A repository that is there from the start. */
export type InitialRepository = Pick<Repository, "description" | "labels"> & {
  /** `projects/P/locations/L/repositories/R` */
  readonly name: string;
};

/** How the registry is set up; everything may be left out. `blobs` have to outlive the process where the state does. */
export type ArtifactRegistryOptions = EmulatorOptions & {
  readonly repositories?: readonly InitialRepository[];
  /** The location of a push to `127.0.0.1:PORT/<project>/<repository>/<image>`; us-central1. */
  readonly defaultLocation?: string;
  /** Who carries the notifications; without one there are none. */
  readonly publisher?: Publisher;
  /** Where contents are kept: in memory, unless `directoryBlobs` is given. */
  readonly blobs?: BlobStore;
  /** The largest blob that is taken, in bytes. */
  readonly blobSizeMaxBytes?: number;
};

/** A registry that runs. The registry and its API share one port. */
export type RunningArtifactRegistry = RunningServer & {
  /** What was pushed, for emulators that run images. */
  readonly images: ImageCatalog;
};

/** The largest blob that is taken unless the options say otherwise, in bytes. */
const BLOB_SIZE_MAX_BYTES = 10 * 1024 ** 3;

const NAME = "artifact-registry";
const SERVICE = "artifactregistry.googleapis.com";

/**
 * Starts an Artifact Registry of Docker repositories: the OCI distribution API and the Artifact
 * Registry API v1 over gRPC and REST.
 * @throws GoogleError when a repository's name is refused, Error when the port is taken.
 */
export async function startArtifactRegistry(
  options: ArtifactRegistryOptions = {},
): Promise<RunningArtifactRegistry> {
  const { access, faults = faultPlan(), repositories = [] } = options;
  const registry = openRegistry(options);
  addRepositories(registry, repositories);
  const { clock, operations } = registry;
  const uploads = new Map<string, Upload>();
  function endUploads(): void {
    uploads.forEach((upload) => end(uploads, upload));
  }
  const server = await serve({
    ...options,
    clock,
    faults,
    apis: [toApi(registry)],
    operations,
    hasLocations: true,
    http: (app) =>
      serveDistribution(app, {
        registry,
        uploads,
        blobBytesMax: options.blobSizeMaxBytes ?? BLOB_SIZE_MAX_BYTES,
        faults,
        guard: access === undefined ? undefined : { access, service: SERVICE },
        defaultLocation: options.defaultLocation ?? "us-central1",
      }),
    // A registry's host names the location of its repositories.
    hosts: /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)(?::\d+)?$/,
    guard: { service: SERVICE, rules: toRules(registry) },
  });
  return {
    ...server,
    images: openImageCatalog(registry),
    reset: () => {
      endUploads();
      operations.reset();
      registry.repositories.records.clear();
      dropBelow(registry, "projects");
      addRepositories(registry, repositories);
    },
    close: async () => {
      await server.close();
      endUploads();
    },
  };
}

function openRegistry(options: ArtifactRegistryOptions): Registry {
  const { persistence, clock = realClock(), blobs = memoryBlobs() } = options;
  const kinds = openKinds(() => registry);
  const { contents, times } = keepMaps(persistence, NAME, {
    ...recordsOf(Object.values(kinds)),
    contents: new Map<string, number>(),
    times: new Map<string, number>(),
  });
  const registry: Registry = {
    ...kinds,
    contents,
    operations: createOperations(clock, { persistence, name: NAME }),
    keeper: policyKeeper(options, NAME),
    clock,
    blobs,
    publisher: options.publisher ?? { publish: () => undefined },
    nextTime: () => {
      const next = Math.max(clock.now() * 1000, (times.get("latest") ?? 0) + 1);
      times.set("latest", next);
      return toMicrosecondTimestamp(next);
    },
  };
  dropLost(registry);
  return registry;
}

/** RFC 3339 with six digits of the second, so that texts sort as their times do. */
function toMicrosecondTimestamp(time: number): string {
  const seconds = new Date(Math.floor(time / 1_000_000) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(time % 1_000_000).padStart(6, "0")}Z`;
}

/** A repository that was kept stays as it is, with the settings it was given since. */
function addRepositories(
  { repositories, clock }: Registry,
  wanted: readonly InitialRepository[],
): void {
  for (const { name, ...settings } of wanted) {
    if (!repositories.records.has(name)) {
      const repository = { format: "DOCKER", ...settings };
      const place = { parent: parentOf(name), repositoryId: idOf(name) };
      repositories.run.create({ ...place, repository }, clock.now());
    }
  }
}
