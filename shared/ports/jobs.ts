import type { ExecutionView, JobRef } from "../domain/job.ts";

/**
 * Cloud Run's jobs. Running one has no key that makes it idempotent, so a run carries a mark (the
 * variable `SLIPWAY_MARK` of its containers) and is looked for before it is started. Every call throws
 * TransientError or PermanentError when it cannot be done.
 */
export type Jobs = {
  /** The execution with that mark: the one there is, or a new one. `image` is the release's, by digest. */
  readonly run: (job: JobRef, mark: string, image: string) => Promise<ExecutionView>;
  /** An execution as it is now; null when it is gone. */
  readonly observe: (name: string) => Promise<ExecutionView | null>;
};
