import type { RunningView } from "../domain/running.ts";
import type { Environment } from "../domain/service.ts";

/** Where services run. Throws TransientError or PermanentError when it cannot answer. */
export type Runtime = {
  /**
   * The images that get the environment's traffic, as their revisions name them (by digest when they were
   * deployed by digest).
   */
  readonly running: (environment: Environment) => Promise<RunningView>;
};
