import type { ReadCaller } from "../shared/adapters/caller.ts";
import type { Config } from "../shared/config.ts";
import type { Ports } from "../shared/ports/ports.ts";

/** What every function needs. */
export type Wiring = {
  readonly config: Config;
  readonly ports: Ports;
  /** Says who calls, by the Google ID tokens of a request. */
  readonly readCaller: ReadCaller;
};
