import { startPubsub } from "../../emulators/pubsub/server.ts";

/** What this process tells when it listens and whenever it is asked: where, and how long a turn took at most since. */
export type Told = { readonly grpcAddress: string; readonly longestTurnMs: number };

const MICROSECONDS_PER_MS = 1_000;

const pubsub = await startPubsub();

/** What this thread has computed, in milliseconds: other processes on the machine do not count. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / MICROSECONDS_PER_MS;
}

// The timer runs once a turn of the event loop when turns are long, so between two of its runs lies one turn.
let longestMs = 0;
let beforeMs = computedMs();
setInterval(() => {
  const nowMs = computedMs();
  longestMs = Math.max(longestMs, nowMs - beforeMs);
  beforeMs = nowMs;
}, 1);
function tell(): void {
  const told: Told = { grpcAddress: pubsub.grpcAddress, longestTurnMs: longestMs };
  process.send?.(told);
  longestMs = 0;
}
process.on("message", tell);
// It ends with who has started it.
process.on("disconnect", () => process.exit());
tell();
