import { PermanentError } from "../../shared/ports/errors.ts";
import type { Prober } from "../../shared/ports/prober.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** How a running service answers where it does not answer as it should. */
export type MemoryHealth = {
  readonly isHealthy: boolean;
  readonly version: string | null;
  readonly isBlocked: boolean;
};

/** What the memory prober looks at. */
export type ProberWorld = {
  /** What serves, by `pipeline/target`. */
  readonly running: ReadonlyMap<string, string>;
  readonly images: ReadonlyMap<string, readonly ImageView[]>;
  /** By the Cloud Run service's id. One that is not there is healthy, and its version is its image's tag. */
  readonly health: ReadonlyMap<string, Partial<MemoryHealth>>;
};

/** The prober port on a world in memory. */
export function memoryProber(world: ProberWorld, calls: MemoryCalls): Prober {
  return {
    probe: ({ pipeline, target, runService }) =>
      calls.make("prober.probe", () => {
        const running = world.running.get(`${pipeline.id}/${target}`);
        if (running === undefined) {
          throw new PermanentError("NOT_FOUND", `there is no Cloud Run service ${runService}`);
        }
        const set = world.health.get(runService) ?? {};
        const isHealthy = set.isHealthy ?? true;
        const version = set.version === undefined ? tagOf(world, running) : set.version;
        const detail = `${runService} is ${isHealthy ? "healthy" : "unhealthy"}, version ${version}`;
        return { isHealthy, version, isBlocked: set.isBlocked ?? false, detail };
      }),
  };
}

/** A running image's first tag, or its digest when it has none. */
function tagOf({ images }: ProberWorld, running: string): string {
  const [repository = "", digest = ""] = running.split("@");
  const image = images.get(repository)?.find((one) => one.digest === digest);
  return image?.tags[0] ?? digest;
}
