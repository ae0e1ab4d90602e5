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
 * A heap: adding and taking cost the logarithm of how many there are. Nobody takes a thing out early;
 * one whose time has changed is added again, and `isCurrent` tells which of its times counts. Those
 * that no longer count are swept out whenever they may be more than the others.
 */
export function createDeadlines<T>(isCurrent: (thing: T, timeMs: number) => boolean): Deadlines<T> {
  let heap: Slot<T>[] = [];
  let sweepAt = SWEEP_MIN;
  function sweep(): void {
    // A sorted array is a heap.
    heap = heap
      .filter(({ thing, timeMs }) => isCurrent(thing, timeMs))
      .toSorted((one, other) => one.timeMs - other.timeMs);
    sweepAt = Math.max(SWEEP_MIN, heap.length * 2);
  }
  function takeFirst(): Slot<T> | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first !== undefined && last !== undefined && heap.length > 0) {
      sink(heap, last);
    }
    return first;
  }
  function dropStale(): void {
    for (let first = heap[0]; first !== undefined; first = heap[0]) {
      if (isCurrent(first.thing, first.timeMs)) {
        return;
      }
      takeFirst();
    }
  }
  return {
    add: (timeMs, thing) => {
      if (heap.length >= sweepAt) {
        sweep();
      }
      rise(heap, { timeMs, thing });
    },
    nextMs: () => {
      dropStale();
      return heap[0]?.timeMs ?? Infinity;
    },
    takeDue: (nowMs) => {
      dropStale();
      return (heap[0]?.timeMs ?? Infinity) <= nowMs ? takeFirst()?.thing : undefined;
    },
  };
}

/** Adds at the end and moves up. */
function rise<T>(heap: Slot<T>[], slot: Slot<T>): void {
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.timeMs <= slot.timeMs) {
      break;
    }
    heap[index] = parent;
    index = above;
  }
  heap[index] = slot;
}

/** Puts at the top and moves down. */
function sink<T>(heap: Slot<T>[], slot: Slot<T>): void {
  let index = 0;
  for (;;) {
    const left = index * 2 + 1;
    const right = left + 1;
    const isRight = (heap[right]?.timeMs ?? Infinity) < (heap[left]?.timeMs ?? Infinity);
    const below = isRight ? right : left;
    const child = heap[below];
    if (child === undefined || child.timeMs >= slot.timeMs) {
      break;
    }
    heap[index] = child;
    index = below;
  }
  heap[index] = slot;
}
