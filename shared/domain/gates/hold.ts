import { holdsOn } from "../hold.ts";
import type { Hold } from "../hold.ts";
import { nameSome, shorten } from "../text.ts";
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
  return closed(holdsText(holds), liftTime(holds));
}

/** How many holds a gate tells of in full, how many more it names by id, and how much of a reason it tells. */
const HOLDS_TOLD_MAX = 2;
const HOLDS_NAMED_MAX = 3;
const REASON_LENGTH_MAX = 150;

/** Short, because every promotion that waits keeps a copy; the holds themselves have the full reasons. */
function holdsText(holds: readonly Hold[]): string {
  const told = holds
    .slice(0, HOLDS_TOLD_MAX)
    .map(
      (hold) => `${hold.by} holds ${scopeText(hold)}: ${shorten(hold.reason, REASON_LENGTH_MAX)}`,
    );
  const others = holds.slice(HOLDS_TOLD_MAX).map(({ id }) => id);
  const more =
    others.length === 0
      ? []
      : [`${others.length} more holds: ${nameSome(others, HOLDS_NAMED_MAX)}`];
  return [...told, ...more].join("; ");
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

/** The moment when the last hold ends by itself; null when a hold has no end. */
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
