import { Worker } from "node:worker_threads";
import { printError } from "../cli/output.ts";
import { HostRequest } from "./function-messages.ts";

/**
 * The process that runs the functions in the local cloud. Who a function is, the environment says: so each account has a
 * thread of its own, with an environment of its own, and functions of one account share it. What each is asked to
 * serve, the local cloud's process says; answers go back to it. When one thread ends, all do, and it begins anew.
 */
const SCRIPT = new URL("function-thread.ts", import.meta.url);

/** Young objects get little room: the functions make few, and a laptop has better use for the memory. */
const LIMITS = { maxYoungGenerationSizeMb: 24 };

const threads = new Map<string, Worker>();
/** Which thread serves what was asked for by which request. */
const serving = new Map<number, Worker>();

process.on("message", (message) => {
  const request = HostRequest.parse(message);
  if (request.kind === "end") {
    tell(serving.get(request.id), request);
    serving.delete(request.id);
    return;
  }
  const thread = threadOf(request.environment);
  serving.set(request.id, thread);
  tell(thread, request);
});

// The functions live no longer than the local cloud: when its process goes, the channel closes.
process.once("disconnect", () => process.exit(0));

function tell(thread: Worker | undefined, request: HostRequest): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and not a window
  thread?.postMessage(request);
}

function threadOf(environment: Readonly<Record<string, string>>): Worker {
  const pairs = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const key = pairs.toSorted().join("\n");
  const there = threads.get(key);
  if (there !== undefined) {
    return there;
  }
  const thread = new Worker(SCRIPT, { env: { ...environment }, resourceLimits: LIMITS });
  thread.on("message", (answer: unknown) => process.send?.(answer));
  thread.once("error", (error: unknown) => {
    printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
  thread.once("exit", () => process.exit(1));
  threads.set(key, thread);
  return thread;
}
