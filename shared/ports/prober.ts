import type { VerifyPolicy } from "../domain/policy.ts";
import type { ProbeView } from "../domain/probe.ts";
import type { Environment } from "../domain/service.ts";

/** Asks running services how they are. */
export type Prober = {
  /**
   * Asks the environment's service once for its health and its version, with a short deadline. A service
   * that does not answer is not healthy: only not knowing where it is throws.
   * @throws TransientError or PermanentError when Cloud Run cannot say where the service answers.
   */
  readonly probe: (environment: Environment, verify: VerifyPolicy) => Promise<ProbeView>;
};
