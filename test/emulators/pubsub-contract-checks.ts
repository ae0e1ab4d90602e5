import type { Bench } from "./pubsub-bench.ts";

/** How a part of the contract adds its tests, and what they run against. */
export type Checks = {
  readonly check: (name: string, run: () => Promise<void>) => void;
  readonly bench: () => Bench;
};
