import { takeInto } from "../../shared/domain/numbers/sum.ts";
import { toOwnerKey } from "../../shared/domain/owner-key.ts";
import type { Sums } from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import type { StoreWorld } from "./memory-store.ts";

/** Of all, which no owner's key is. */
const ALL = "";

/** What the memory store keeps of several services. */
export function memorySums(world: StoreWorld, calls: MemoryCalls): Sums {
  return {
    takeDue: (services) =>
      calls.make("store.takeDue", () => {
        const found = services.flatMap((service) => {
          const aggregate = world.damaged.has(service) ? undefined : world.services.get(service);
          return aggregate === undefined || aggregate.due.length === 0 ? [] : [aggregate];
        });
        const due = found.flatMap((aggregate) => aggregate.due);
        const owners = due.flatMap((part) => part.owners);
        for (const owner of due.length === 0 ? [] : new Set([ALL, ...owners])) {
          const sum = world.sums.get(owner) ?? [];
          world.sums.set(owner, takeInto(sum, owner === ALL ? null : owner, due));
        }
        for (const aggregate of found) {
          world.services.set(aggregate.state.service.id, { ...aggregate, due: [] });
        }
      }),
    sum: (owner) =>
      calls.make("store.sum", () => world.sums.get(owner === null ? ALL : toOwnerKey(owner)) ?? []),
  };
}
