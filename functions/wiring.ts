import type { VerifyIdToken } from "../shared/adapters/id-token.ts";
import type { Config } from "../shared/config.ts";
import type { Ports } from "../shared/ports/ports.ts";

/** What every function needs. */
export type Wiring = {
  readonly config: Config;
  readonly ports: Ports;
  /** Verifies a Google ID token for one of the audiences. */
  readonly verifyToken: VerifyIdToken;
};
