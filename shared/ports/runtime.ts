import type { Environment } from "../domain/service.ts";

/** Where services run. Throws TransientError or PermanentError when it cannot answer. */
export type Runtime = {
  /**
   * The image that gets the environment's traffic, as the revision names it (by digest when it was
   * deployed by digest); null when nothing serves.
   */
  readonly runningImage: (environment: Environment) => Promise<string | null>;
};
