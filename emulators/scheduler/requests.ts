import type { Clock } from "../kit/clock.ts";
import type { MintIdToken } from "../pubsub/id-token.ts";
import { toMs } from "./duration.ts";
import { sendHttp } from "./http-attempt.ts";
import type { JobSettings } from "./state.ts";

/** What one request is about. */
export type RequestInput = {
  readonly job: string;
  readonly settings: JobSettings;
  readonly scheduledMs: number | null;
  /** Told how it ended, as a google.rpc.Code; not after the end of everything. */
  readonly done: (code: number) => void;
};

/** The HTTP requests that are under way. */
export type Requests = {
  /** Sends a job's request, which ends at the latest with the job's attempt deadline. */
  readonly send: (input: RequestInput) => AbortController;
  /** Resolves when none is under way. */
  readonly idle: () => Promise<void>;
  /** Cuts them off and tells nobody; resolves when they have ended. */
  readonly close: () => Promise<void>;
};

/** Nothing is under way yet. */
export function startRequests(clock: Clock, mintIdToken: MintIdToken | undefined): Requests {
  const busy = new Map<Promise<void>, AbortController>();
  let isClosed = false;
  async function run(input: RequestInput, controller: AbortController): Promise<void> {
    const { job, settings, scheduledMs, done } = input;
    const { httpTarget: target, attemptDeadline = "0s" } = settings;
    if (target === undefined) {
      return;
    }
    const deadline = clock.at(clock.now() + toMs(attemptDeadline), () => controller.abort());
    const { signal } = controller;
    const code = await sendHttp({ job, target, scheduledMs, signal }, mintIdToken);
    deadline.cancel();
    if (!isClosed) {
      done(code);
    }
  }
  async function idle(): Promise<void> {
    while (busy.size > 0) {
      await Promise.all(busy.keys());
    }
  }
  return {
    send: (input) => {
      const controller = new AbortController();
      const request = run(input, controller);
      busy.set(request, controller);
      void request.finally(() => busy.delete(request));
      return controller;
    },
    idle,
    close: async () => {
      isClosed = true;
      for (const controller of busy.values()) {
        controller.abort();
      }
      await idle();
    },
  };
}
