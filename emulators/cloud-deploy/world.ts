import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import { type Clock, toTimestamp } from "../kit/clock.ts";
import type { ObjectReader } from "../kit/object-reader.ts";
import type { Operations } from "../kit/operation.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { Runtime } from "../kit/runtime.ts";
import type { Kinds } from "./resources.ts";

/** How long things take, in milliseconds on the clock. */
export type Timings = {
  /** From the answer of a create, update or delete to the end of its operation. */
  readonly operationMs: number;
  /** The render of a release, all targets together. */
  readonly renderMs: number;
  /** One job; also a cancellation. */
  readonly jobMs: number;
};

/** What surrounds the emulator. */
export type Surroundings = {
  /** Gets the notifications; without one they go nowhere. */
  readonly publisher?: Publisher | undefined;
  /** Where release archives are read; without one no release renders. */
  readonly objects?: ObjectReader | undefined;
  /** Where Cloud Run targets are deployed; without one their deploys only take their time. */
  readonly runtime?: Runtime | undefined;
};

/** What the operations of this emulator work with. */
export type World = Kinds &
  Surroundings & {
    readonly clock: Clock;
    readonly timings: Timings;
    /** Project id by project number. */
    readonly projects: Map<string, string>;
    /** What was answered to a method and request id, and when, in milliseconds. */
    readonly requests: Map<string, { readonly operation: string; readonly timeMs: number }>;
    /** When the render of a release, a job run or the cancellation of a rollout ends, by the resource's name. */
    readonly due: Map<string, number>;
    readonly operations: Operations;
    /** The policies of resources, and who may do what. */
    readonly keeper: PolicyKeeper;
    /** Puts what is due on the clock. */
    readonly wake: (name: string, atMs: number) => void;
  };

/** The present as RFC 3339. */
export function timestamp({ clock }: World): string {
  return toTimestamp(clock.now());
}

/** Lets a render, a job run or a cancellation end that many milliseconds from now. */
export function endIn(world: World, afterMs: number, name: string): void {
  const atMs = world.clock.now() + afterMs;
  world.due.set(name, atMs);
  world.wake(name, atMs);
}
