import { fact } from "../audit-record.ts";
import { record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { ServiceEvent } from "../event.ts";
import type { Hold } from "../hold.ts";
import type { HoldId } from "../ids.ts";
import type { Refusal } from "../refusal.ts";

type HoldLifted = Extract<ServiceEvent, { kind: "hold-lifted" }>;

/** How many holds may be on one service, and how many on everything. */
export const HOLDS_MAX = 50;

/** How many more holds on-call may place, so that nobody can use up its room. */
export const ONCALL_HOLDS_MAX = 10;

/** Somebody puts a hold on the service or one of its environments. */
export function onHoldPlaced(change: Change, hold: Hold): Change {
  const { holds } = change.state;
  if (holds.some(({ id }) => id === hold.id)) {
    return change;
  }
  const full = refuseHold(holds, hold, "the service has");
  return full === null ? putHold(change, hold) : refuse(change, full);
}

/** Why a hold does not fit beside the others, and which hold to lift for it; null when it fits. */
export function refuseHold(holds: readonly Hold[], hold: Hold, who: string): Refusal | null {
  const reserve = hold.asOncall ? ONCALL_HOLDS_MAX : 0;
  const [oldest] = holds;
  if (oldest === undefined || holds.length < HOLDS_MAX + reserve) {
    return null;
  }
  const { id, by } = oldest;
  const how = `lift one first, such as ${id}, which ${by} placed`;
  const help = { how, step: { kind: "lift" as const, hold: id } };
  return { kind: "conflict", message: `${who} ${holds.length} holds already`, help };
}

/**
 * Places the hold of a rollback, which always fits. When there is no room, it takes the place of the hold that an
 * earlier rollback left on the environment.
 */
export function putRollbackHold(change: Change, hold: Hold): Change {
  const { holds } = change.state;
  const last = holds.find((other) => isOfRollback(other) && isSameScope(other, hold));
  if (holds.length < HOLDS_MAX || last === undefined) {
    return putHold(change, hold);
  }
  const kept = { ...change.state, holds: holds.filter((other) => other !== last) };
  const details = { ...aboutHold(last).details, replacedBy: hold.id };
  const told = fact("hold.lifted", "slipway", { ...aboutHold(last), details });
  return putHold(record({ ...change, state: kept }, told), {
    ...hold,
    asOncall: hold.asOncall || last.asOncall,
  });
}

const ROLLED_BACK = "rolled back: ";

/** The reason of a rollback's hold. */
export function rollbackHoldReason(reason: string): string {
  return `${ROLLED_BACK}${reason}`;
}

/** Whether a rollback placed the hold. A hold by hand that looks the same stops the same, so it may be replaced too. */
function isOfRollback({ reason, until }: Hold): boolean {
  return until === null && reason.startsWith(ROLLED_BACK);
}

function isSameScope(one: Hold, other: Hold): boolean {
  return (
    one.scope.kind === "environment" &&
    other.scope.kind === "environment" &&
    one.scope.environment === other.scope.environment
  );
}

function putHold(change: Change, hold: Hold): Change {
  const { holds } = change.state;
  return record(
    { ...change, state: { ...change.state, holds: [...holds, hold] } },
    fact("hold.placed", hold.by, aboutHold(hold)),
  );
}

/** Somebody lifts a hold. */
export function onHoldLifted(change: Change, { hold: id, by, asOncall }: HoldLifted): Change {
  const hold = change.state.holds.find((other) => other.id === id);
  const refusal = refuseLift(id, hold, asOncall);
  if (refusal !== null || hold === undefined) {
    return refuse(change, refusal ?? noHold(id));
  }
  const holds = change.state.holds.filter((other) => other.id !== id);
  return record(
    { ...change, state: { ...change.state, holds } },
    fact("hold.lifted", by, aboutHold(hold)),
  );
}

/** Why a hold is not lifted; null when it is. */
export function refuseLift(id: HoldId, hold: Hold | undefined, asOncall: boolean): Refusal | null {
  if (hold === undefined) {
    return noHold(id);
  }
  if (hold.asOncall && !asOncall) {
    const message = `${hold.by} placed hold ${id} as on-call: only on-call, or whoever access.breakGlass names there, may lift it`;
    return { kind: "forbidden", message };
  }
  return null;
}

/** The refusal for a hold that does not exist, or that the caller may not see. */
export function noHold(id: string): Extract<Refusal, { kind: "not-found" }> {
  return {
    kind: "not-found",
    message: `there is no hold ${id}`,
    help: { how: "list them", step: { kind: "list-holds" } },
  };
}

/** What a record says of a hold. */
export function aboutHold(hold: Hold): {
  readonly environment: Extract<Hold["scope"], { kind: "environment" }>["environment"] | null;
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
} {
  return {
    environment: hold.scope.kind === "environment" ? hold.scope.environment : null,
    reason: hold.reason,
    details: { hold: hold.id, scope: hold.scope.kind, placedBy: hold.by },
  };
}
