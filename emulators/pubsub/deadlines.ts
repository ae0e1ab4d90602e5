import { Heap } from "heap-js";

/** Things by the time at which they are due. */
export type Deadlines<T> = {
  readonly add: (timeMs: number, thing: T) => void;
  /** The time of the first, in milliseconds; Infinity when there is none. */
  readonly nextMs: () => number;
  /** Takes the first out if it is due by then; else undefined. */
  readonly takeDue: (nowMs: number) => T | undefined;
};

type Slot<T> = { readonly timeMs: number; readonly thing: T };

/** Below so many it is not worth looking for those that no longer count. */
const SWEEP_MIN = 1_024;

/**
 * Adding and taking cost the logarithm of how many there are. Nobody takes a thing out early;
 * one whose time has changed is added again, and `isCurrent` tells which of its times counts. Those
 * that no longer count are swept out whenever they may be more than the others.
 */
export function createDeadlines<T>(isCurrent: (thing: T, timeMs: number) => boolean): Deadlines<T> {
  const heap = new Heap<Slot<T>>((one, other) => one.timeMs - other.timeMs);
  let sweepAt = SWEEP_MIN;
  function first(): Slot<T> | undefined {
    for (let slot = heap.peek(); slot !== undefined; slot = heap.peek()) {
      if (isCurrent(slot.thing, slot.timeMs)) {
        return slot;
      }
      heap.pop();
    }
    return undefined;
  }
  return {
    add: (timeMs, thing) => {
      if (heap.length >= sweepAt) {
        heap.init(heap.toArray().filter((slot) => isCurrent(slot.thing, slot.timeMs)));
        sweepAt = Math.max(SWEEP_MIN, heap.length * 2);
      }
      heap.push({ timeMs, thing });
    },
    nextMs: () => first()?.timeMs ?? Infinity,
    takeDue: (nowMs) => ((first()?.timeMs ?? Infinity) <= nowMs ? heap.pop()?.thing : undefined),
  };
}
