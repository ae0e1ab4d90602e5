import { holdsOn } from "../hold.ts";
import type { Hold } from "../hold.ts";
import type { Instant } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open unless a hold covers the environment. */
export function judgeHold(context: GateContext): Verdict {
  const holds = holdsOn(context.state, context.environment.id, context.now);
  if (holds.length === 0) {
    return OPEN;
  }
  const reasons = holds.map((hold) => `${hold.by} holds ${scopeText(hold)}: ${hold.reason}`);
  return closed(reasons.join("; "), liftTime(holds));
}

function scopeText(hold: Hold): string {
  switch (hold.scope.kind) {
    case "all":
      return "everything";
    case "service":
      return `service ${hold.scope.service}`;
    case "environment":
      return `${hold.scope.service}/${hold.scope.environment}`;
  }
}

/** The moment the last hold ends by itself; null when one of them has no end. */
function liftTime(holds: readonly Hold[]): Instant | null {
  let last: Instant | null = null;
  for (const { until } of holds) {
    if (until === null) {
      return null;
    }
    last = last === null || until > last ? until : last;
  }
  return last;
}
