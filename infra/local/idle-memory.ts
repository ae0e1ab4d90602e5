import { performance } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const LOOK_EVERY_MS = 15_000;

/** The part of its time that a process which rests still works, for ticks and probes. */
const RESTING_MAX = 0.3;

/** How much more memory than after the last collection is worth another. */
const WORTH_BYTES = 16 * 1024 * 1024;

/** What was seen of a process since it was looked at last. */
type Seen = {
  /** The part of the time in which it worked, 0 to 1. */
  readonly utilization: number;
  readonly heapBytes: number;
  /** As the last collection left it; 0 before the first. */
  readonly leftBytes: number;
};

/**
 * Collects garbage whenever this process rests: V8 leaves it where it is as long as there is room, and what a start or
 * many pushes leave behind is a third of a local cloud's memory.
 */
export function collectWhenResting(): void {
  setFlagsFromString("--expose-gc");
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- that flag puts it into every new context
  const collect = runInNewContext("gc") as NodeJS.GCFunction;
  let last = performance.eventLoopUtilization();
  let leftBytes = 0;
  setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(last);
    last = performance.eventLoopUtilization();
    if (isWorthCollecting({ utilization, heapBytes: heapBytes(), leftBytes })) {
      // An ordinary collection keeps the pages that it empties; this one takes some tenths of a second, and hands them back.
      collect({ type: "major", flavor: "last-resort" });
      leftBytes = heapBytes();
    }
  }, LOOK_EVERY_MS).unref();
}

/** Whether a process rests, and has enough to give back. */
export function isWorthCollecting({ utilization, heapBytes: bytes, leftBytes }: Seen): boolean {
  return utilization <= RESTING_MAX && bytes >= leftBytes + WORTH_BYTES;
}

function heapBytes(): number {
  return process.memoryUsage().heapTotal;
}
