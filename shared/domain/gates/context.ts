import type { Promotion } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import type { ServiceState } from "../state.ts";
import type { Instant } from "../time.ts";

/** What a gate may look at: the promotion that is asked for, and the state of its service. */
export type GateContext = {
  readonly state: ServiceState;
  readonly environment: Environment;
  readonly release: Release;
  readonly promotion: Pick<Promotion, "id" | "kind" | "requestedBy" | "approvals">;
  readonly now: Instant;
};
