import type { ReadCaller } from "../shared/adapters/caller.ts";
import type { Config } from "../shared/config.ts";
import type { DecidingPorts, Ports } from "../shared/ports/ports.ts";

/** What every function needs. */
export type Wiring<Outside extends DecidingPorts = Ports> = {
  readonly config: Config;
  readonly ports: Outside;
  /** Says who calls, by the Google ID tokens of a request. */
  readonly readCaller: ReadCaller;
};

/** What a function gets that people and the internet reach: it decides, and has nothing to act with. */
export type DecidingWiring = Wiring<DecidingPorts>;

/** How functions get at their wiring: it is made when the first of a kind needs it. */
export type Wirings = {
  readonly acting: () => Promise<Wiring>;
  readonly deciding: () => Promise<DecidingWiring>;
};
