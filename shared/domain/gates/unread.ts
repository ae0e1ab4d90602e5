import { isTrusting, verdictBy } from "../provenance.ts";
import { environmentState } from "../state.ts";
import type { GateContext } from "./context.ts";
import { blocksOnIncidents, isFresh } from "./incident.ts";
import type { GateName } from "./verdict.ts";

/**
 * Whether a gate is closed only because the outside has not been read yet. A promotion that waits has it read, so such
 * a gate is no answer to somebody who wants the promotion at once or not at all.
 */
export function isUnread(
  gate: GateName,
  { state, environment, release, now }: GateContext,
): boolean {
  const { policy } = environment;
  if (gate === "incident") {
    const { incidents } = environmentState(state, environment.id);
    return blocksOnIncidents(policy) && incidents.kind !== "unreadable" && !isFresh(incidents, now);
  }
  const { required, trust } = policy.provenance;
  const isAsked = gate === "provenance" && required && isTrusting(trust);
  return isAsked && verdictBy(release.image.provenance, trust) === null;
}
