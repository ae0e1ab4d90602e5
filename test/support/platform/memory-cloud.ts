import { differences, merged } from "../../../infra/platform/engine/differences.ts";
import type { Driver, Drivers } from "../../../infra/platform/engine/driver.ts";
import { performChanges } from "../../../infra/platform/engine/perform.ts";
import type { Performed } from "../../../infra/platform/engine/perform.ts";
import { makePlan } from "../../../infra/platform/engine/plan.ts";
import type { Plan } from "../../../infra/platform/engine/plan.ts";
import { ownerOf } from "../../../infra/platform/kinds/marks.ts";
import type { MarkPlace } from "../../../infra/platform/kinds/marks.ts";
import { keyOf, KINDS } from "../../../infra/platform/resource.ts";
import type { Fields, Kind, Resource } from "../../../infra/platform/resource.ts";
import { PermanentError } from "../../../shared/ports/errors.ts";

/** A cloud in memory: what is there by key, and what was written to it in turn. */
export type MemoryCloud = {
  readonly world: Map<string, Fields>;
  readonly writes: string[];
  /** Is asked before and after each write: it may throw. */
  hook: (moment: "before" | "after", key: string) => void;
  /** The time, which pauses move on. */
  time: number;
};

/** An empty cloud. */
export function memoryCloud(): MemoryCloud {
  return { world: new Map(), writes: [], hook: () => undefined, time: 0 };
}

const MARKS: Partial<Record<Kind, MarkPlace>> = {
  account: "description",
  role: "description",
  job: "description",
  bucket: "labels",
  repository: "labels",
  topic: "labels",
  function: "labels",
  subscription: "labels",
  dashboard: "labels",
  channel: "userLabels",
  "alert policy": "userLabels",
};

/** Drivers on that cloud. Nothing can be made before what it needs is there. */
export function memoryDrivers(cloud: MemoryCloud, installation: string): Drivers {
  const drivers = KINDS.map((kind) => [kind, memoryDriver(cloud, installation, kind)] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every kind is there
  return Object.fromEntries(drivers) as Drivers;
}

function memoryDriver(cloud: MemoryCloud, installation: string, kind: Kind): Driver {
  const write = (resource: Resource, change: () => void): void => {
    const key = keyOf(resource);
    cloud.hook("before", key);
    change();
    cloud.writes.push(key);
    cloud.hook("after", key);
  };
  return {
    behind: () => null,
    read: (resource) => Promise.resolve(cloud.world.get(keyOf(resource)) ?? null),
    create: async (resource) => {
      await Promise.resolve();
      const missing = resource.needs.filter((need) => !cloud.world.has(need));
      if (missing.length > 0) {
        throw new Error(`${keyOf(resource)} came before ${missing.join(", ")}`);
      }
      if (cloud.world.has(keyOf(resource))) {
        throw new PermanentError("ALREADY_EXISTS", keyOf(resource), null);
      }
      write(resource, () => cloud.world.set(keyOf(resource), resource.fields));
    },
    update: async (resource, found) => {
      await Promise.resolve();
      write(resource, () => cloud.world.set(keyOf(resource), merged(found, resource.fields)));
    },
    remove: async (resource) => {
      await Promise.resolve();
      write(resource, () => cloud.world.delete(keyOf(resource)));
    },
    differences: (wanted, found) => differences(wanted, found),
    owner: (_, found) => ownerOf(MARKS[kind] ?? "none", installation, found),
    immutable: kind === "subscription" ? ["topic"] : [],
    list: () =>
      Promise.resolve(
        [...cloud.world]
          .filter(([key]) => key.startsWith(`${kind} `))
          .map(([key, found]) => ({ name: key.slice(kind.length + 1), found })),
      ),
  };
}

/** What would be done there. */
export async function planOn(cloud: MemoryCloud, resources: readonly Resource[]): Promise<Plan> {
  const installation = resources.find(({ kind }) => kind === "bucket")?.project ?? "";
  const drivers = memoryDrivers(cloud, installation);
  return makePlan({ drivers, resources, installation, location: "europe-west3" });
}

/** Plans and does it, as an installer does. */
export async function applyOn(
  cloud: MemoryCloud,
  resources: readonly Resource[],
): Promise<Performed> {
  const { changes } = await planOn(cloud, resources);
  const installation = resources.find(({ kind }) => kind === "bucket")?.project ?? "";
  return performChanges(performingOn(cloud, installation), changes);
}

/** How changes are done there, on a clock that pauses move. */
export function performingOn(
  cloud: MemoryCloud,
  installation: string,
): Parameters<typeof performChanges>[0] {
  return {
    drivers: memoryDrivers(cloud, installation),
    now: () => cloud.time,
    pause: async (ms) => {
      await Promise.resolve();
      cloud.time += ms;
    },
    report: () => undefined,
  };
}
