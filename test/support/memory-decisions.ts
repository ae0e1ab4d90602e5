import type { Store } from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryPage } from "./memory-page.ts";
import type { StoreWorld } from "./memory-store.ts";

/** What became of events, in memory. */
export function memoryDecisions(
  { decisions }: StoreWorld,
  calls: MemoryCalls,
): Pick<Store, "noteDecision" | "decisions"> {
  return {
    noteDecision: (decision) =>
      calls.make("store.noteDecision", () => {
        decisions.set(decision.id, decision);
      }),
    decisions: (request) =>
      calls.make("store.decisions", () => {
        const items = [...decisions.values()].toSorted(
          (one, other) => other.at - one.at || (one.id < other.id ? 1 : -1),
        );
        return memoryPage({ list: "decisions", items, keyOf: ({ id }) => id, request });
      }),
  };
}
