import { fact } from "../audit-record.ts";
import { record, refuse } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { ServiceEvent } from "../event.ts";
import type { Hold } from "../hold.ts";
import type { HoldId } from "../ids.ts";
import type { Refusal } from "../refusal.ts";

type HoldLifted = Extract<ServiceEvent, { kind: "hold-lifted" }>;

/** How many holds one service may carry. */
export const HOLDS_MAX = 50;

/** Somebody puts a hold on the service or one of its environments. */
export function onHoldPlaced(change: Change, hold: Hold): Change {
  const { holds } = change.state;
  if (holds.some(({ id }) => id === hold.id)) {
    return change;
  }
  if (holds.length >= HOLDS_MAX) {
    const message = `the service has ${HOLDS_MAX} holds already; lift some first`;
    return refuse(change, { kind: "conflict", message });
  }
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

/** What is said of a hold that there is not, or that the caller may not see. */
export function noHold(id: string): Extract<Refusal, { kind: "not-found" }> {
  return { kind: "not-found", message: `there is no hold ${id}` };
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
