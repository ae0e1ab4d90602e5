import { isHappening } from "../../shared/domain/happening.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { Everywhere } from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryPage } from "./memory-page.ts";
import type { StoreWorld } from "./memory-store.ts";

/** The histories of all services of the memory store at once. */
export function memoryEverywhere(world: StoreWorld, calls: MemoryCalls): Everywhere {
  return {
    timelineOfAll: ({ from, to, ...request }) =>
      calls.make("store.timelineOfAll", () => {
        const items = [...world.timeline]
          .map(([key, entry]) =>
            Object.assign({ service: serviceId(key.split("/")[0] ?? "") }, entry),
          )
          .filter(({ deployment }) => deployment.since >= from && deployment.since <= to)
          .toSorted((one, other) => other.deployment.since - one.deployment.since);
        return memoryPage({ list: "timeline of all", items, keyOf: ({ id }) => id, request });
      }),
    happeningsOfAll: ({ from, to, ...request }) =>
      calls.make("store.happeningsOfAll", () => {
        const items = [...world.records.values()]
          .flat()
          .filter((record) => isHappening(record) && record.time >= from && record.time <= to)
          .toSorted((one, other) => other.time - one.time || other.sequence - one.sequence);
        return memoryPage({ list: "audit of all", items, keyOf: ({ id }) => id, request });
      }),
  };
}
