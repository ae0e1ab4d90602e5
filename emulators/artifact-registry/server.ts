import { policyKeeper } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import type { ImageCatalog } from "../kit/image-catalog.ts";
import { createOperations } from "../kit/operation.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { toApi } from "./api.ts";
import { memoryBlobs } from "../kit/blob-store.ts";
import type { BlobStore } from "../kit/blob-store.ts";
import { serveDistribution } from "./distribution.ts";
import { openImageCatalog } from "./image-catalog.ts";
import { contentsOf, dropContents, dropLost } from "./images.ts";
import { parseName } from "./names.ts";
import { putRepository } from "./repositories.ts";
import type { Microseconds, Registry, Repository, RepositorySettings } from "./state.ts";
import { end } from "./uploads.ts";
import type { Upload } from "./exchange.ts";

/** A repository that is there from the start. */
export type InitialRepository = RepositorySettings & {
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
  const registry = openRegistry(options);
  const uploads = new Map<string, Upload>();
  const blobBytesMax = options.blobSizeMaxBytes ?? BLOB_SIZE_MAX_BYTES;
  const operations = createOperations(registry.clock, {
    persistence: options.persistence,
    name: NAME,
  });
  const faults = options.faults ?? faultPlan();
  const defaultLocation = options.defaultLocation ?? "us-central1";
  addRepositories(registry, options.repositories ?? []);
  const keeper = policyKeeper(options, NAME);
  const { access } = options;
  const guard = access === undefined ? undefined : { access, service: SERVICE };
  const server = await serve({
    ...options,
    clock: registry.clock,
    faults,
    apis: [toApi(registry, operations, keeper)],
    operations,
    hasLocations: true,
    http: (app) =>
      serveDistribution(app, {
        registry,
        uploads,
        blobBytesMax,
        faults,
        guard,
        defaultLocation,
      }),
    // A registry's host names the location of its repositories.
    hosts: /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)(?::\d+)?$/,
    guard: { service: SERVICE, rules: RULES },
  });
  return {
    ...server,
    images: openImageCatalog(registry),
    reset: () => {
      uploads.forEach((upload) => end(uploads, upload));
      operations.reset();
      forgetAll(registry);
      addRepositories(registry, options.repositories ?? []);
    },
    close: async () => {
      await server.close();
      uploads.forEach((upload) => end(uploads, upload));
    },
  };
}

function openRegistry(options: ArtifactRegistryOptions): Registry {
  const clock = options.clock ?? realClock();
  const blobs = options.blobs ?? memoryBlobs();
  const { repositories, times } = keepMaps(options.persistence, NAME, {
    repositories: new Map<string, Repository>(),
    times: new Map<"latest", Microseconds>(),
  });
  repositories.forEach((repository) => dropLost(repository, blobs));
  return {
    repositories,
    blobs,
    clock,
    publisher: options.publisher ?? { publish: () => undefined },
    nextTime: () => {
      const next = Math.max(clock.now() * 1000, (times.get("latest") ?? 0) + 1);
      times.set("latest", next);
      return next;
    },
  };
}

/** A repository that was kept stays as it is, with the settings it was given since. */
function addRepositories(registry: Registry, repositories: readonly InitialRepository[]): void {
  for (const { name, ...settings } of repositories) {
    if (!registry.repositories.has(name)) {
      putRepository(registry, parseName("repository", name), settings);
    }
  }
}

function forgetAll(registry: Registry): void {
  const repositories = [...registry.repositories.values()];
  registry.repositories.clear();
  repositories.forEach((repository) => dropContents(registry, contentsOf(repository)));
}
