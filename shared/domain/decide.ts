import { trimmed } from "./budget.ts";
import { begin } from "./change/change.ts";
import type { Change } from "./change/change.ts";
import type { ServiceEvent } from "./event.ts";
import { onServiceApplied } from "./events/service-applied.ts";
import { onApprovalGiven, onRejectionGiven } from "./events/approval.ts";
import { onChannelsObserved } from "./events/channels-observed.ts";
import { onContractRequested } from "./events/contract.ts";
import { onDayBegan } from "./events/day-began.ts";
import { onHoldLifted, onHoldPlaced } from "./events/hold.ts";
import { onImageFound, onImageRefused } from "./events/image.ts";
import { onCancellationRequested, onPromotionRequested } from "./events/promotion-requested.ts";
import { onObservation } from "./events/observation.ts";
import { onRetryRequested } from "./events/retry-requested.ts";
import { onRestoreRequested, onRollbackRequested } from "./events/rollback-requested.ts";
import { isOver, onServiceRemoved, refuseRemoved } from "./events/service-removed.ts";
import { onReleaseMarked } from "./events/release-marked.ts";
import { isSameReading } from "./incident.ts";
import { retainReferenced } from "./change/retain.ts";
import { settle } from "./change/settle.ts";
import type { EnvironmentState, ServiceState } from "./state.ts";
import type { Instant } from "./time.ts";
import { entryOf } from "./entry-of.ts";

/** The state to store, the facts to record with it, and the effects to carry out afterwards. */
export type Decision = Omit<Change, "now" | "state"> & { readonly next: ServiceState };

/** Decides what one event means. Pure and total: repeated or stale events change nothing. */
export function decide(state: ServiceState, event: ServiceEvent, now: Instant): Decision {
  const change = isOver(state, event)
    ? refuseRemoved(begin(state, now))
    : settle(answer(begin(state, now), event));
  const { state: _settled, now: _now, ...rest } = change;
  const next = change.state === state ? state : retainReferenced(trimmed(change.state));
  return { next, ...rest };
}

/**
 * Whether a decision leaves everything as it was, so that there is nothing to store. A new reading of the same
 * incidents is not worth storing either, because each look reads them for itself.
 */
export function isUnchanged(state: ServiceState, decision: Decision): boolean {
  const isQuiet = decision.facts.length === 0 && decision.effects.length === 0;
  return isQuiet && isSame(state, decision.next);
}

function isSame(before: ServiceState, next: ServiceState): boolean {
  const { environments: _before, ...rest } = before;
  const { environments: _next, ...nextRest } = next;
  return (
    hasSameParts(rest, nextRest) &&
    Object.entries(next.environments).every(([id, environment]) =>
      isSameEnvironment(entryOf(before.environments, id), environment),
    )
  );
}

function isSameEnvironment(before: EnvironmentState | undefined, next: EnvironmentState): boolean {
  if (before === undefined || before === next) {
    return before === next;
  }
  const { incidents, ...rest } = before;
  const { incidents: nextIncidents, ...nextRest } = next;
  return (
    hasSameParts(rest, nextRest) &&
    (incidents === nextIncidents || isSameReading(incidents, nextIncidents))
  );
}

/** Whether two records have the very same values. Rules that change nothing return the value that they were given. */
function hasSameParts<Parts extends object>(one: Parts, other: Parts): boolean {
  const parts = new Map<string, unknown>(Object.entries(other));
  return Object.entries(one).every(([name, part]) => parts.get(name) === part);
}

function answer(change: Change, event: ServiceEvent): Change {
  switch (event.kind) {
    case "service-applied":
      return onServiceApplied(change, event);
    case "service-removed":
      return onServiceRemoved(change, event);
    case "image-found":
      return onImageFound(change, event.candidate, event.by);
    case "image-refused":
      return onImageRefused(change, event);
    case "promotion-requested":
      return onPromotionRequested(change, event);
    case "retry-requested":
      return onRetryRequested(change, event);
    case "rollback-requested":
      return onRollbackRequested(change, event);
    case "restore-requested":
      return onRestoreRequested(change, event);
    case "approval-given":
      return onApprovalGiven(change, event);
    case "rejection-given":
      return onRejectionGiven(change, event);
    case "cancellation-requested":
      return onCancellationRequested(change, event);
    case "contract-requested":
      return onContractRequested(change, event);
    case "release-marked":
      return onReleaseMarked(change, event);
    case "hold-placed":
      return onHoldPlaced(change, event.hold);
    case "hold-lifted":
      return onHoldLifted(change, event);
    case "channels-observed":
      return onChannelsObserved(change, event.troubled);
    case "tick":
      return change;
    case "day-began":
      return onDayBegan(change);
    case "rollout-observed":
    case "running-observed":
    case "foreign-rollout-observed":
    case "databases-found":
    case "backup-observed":
    case "registry-looked":
    case "old-backups-found":
    case "execution-observed":
    case "restore-observed":
    case "probe-observed":
    case "incidents-observed":
    case "incidents-unreadable":
    case "provenance-observed":
    case "image-gone":
    case "tags-observed":
    case "effect-done":
    case "effect-failed":
      return onObservation(change, event);
  }
}
