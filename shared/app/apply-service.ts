import { changeOf } from "../domain/apply-plan.ts";
import type { ApplyPlan, ApplyStep } from "../domain/apply-plan.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Actor } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Service } from "../domain/service.ts";
import type { Instant } from "../domain/time.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { newAggregate, NO_HISTORY } from "./aggregate.ts";
import type { Draft } from "./aggregate.ts";
import { asksForMore, claimsGuard } from "./claims.ts";
import { decideNow } from "./decide-now.ts";
import { decideOnlyAll } from "./decide-only.ts";
import { withNamed } from "./store-decision.ts";
import { releasesNamedBy } from "./store-events.ts";
import type { Handled } from "./store-events.ts";
import { suspensionOf } from "./suspension.ts";

/** A specification as somebody applies it. */
export type Application = {
  readonly service: Service;
  /** Whether `rollout.suspended` stops its stages. */
  readonly isSuspended: boolean;
  readonly by: Actor;
  /** The service.yaml as it was written. */
  readonly text: string;
};

/**
 * Compares a specification with what is recorded. A record that changes may set off promotions, so a hold comes
 * before it wherever there is a record to put it on.
 */
export function planApply(
  seen: SeenService | null,
  { service, isSuspended, by, text }: Application,
  now: Instant,
): ApplyPlan {
  const suspending = suspensionOf(seen?.state ?? null, { service, isSuspended, by }, now);
  const record = recordStep(seen, service);
  const applied: readonly ServiceEvent[] =
    record.action === "unchanged" ? [] : [{ kind: "service-applied", service, by, text }];
  const held = suspending.flatMap(({ event }) => (event === null ? [] : [event]));
  const steps = suspending.map(({ step }) => step);
  // A hold can be put on what was removed only once it is there again.
  const isThere = seen !== null && seen.state.removedAt === null;
  return isSuspended && isThere
    ? { steps: [...steps, record], events: [...held, ...applied] }
    : { steps: [record, ...steps], events: [...applied, ...held] };
}

/**
 * Records what a plan says, all of it or nothing, and wakes those who act on it.
 * Where it asks for what others may have, it is looked at once more who has it, in the moment in which it is stored: two
 * who ask for one thing at the same moment do not both get it.
 * @returns why something of it was refused: nothing was stored then.
 */
export async function applyService(
  ports: DecidingPorts,
  seen: SeenService | null,
  { service, events }: { readonly service: Service; readonly events: readonly ServiceEvent[] },
): Promise<Result<Handled | null, Refusal>> {
  const refusal = await tryEvents(ports, seen, { service, events });
  if (refusal !== null) {
    return refused(refusal);
  }
  if (events.length === 0) {
    return accepted(null);
  }
  const before = seen === null || seen.state.removedAt !== null ? null : seen.state.service;
  const guard = asksForMore(service, before) ? claimsGuard(service, before) : null;
  const handled = await decideOnlyAll(ports, { service: service.id, seen }, { events, guard });
  return handled.reply.kind === "refused" ? refused(handled.reply.refusal) : accepted(handled);
}

/** Why one of the events would be refused, in their order; null when none would be. Nothing is stored. */
export async function tryEvents(
  ports: DecidingPorts,
  seen: SeenService | null,
  { service, events }: { readonly service: Service; readonly events: readonly ServiceEvent[] },
): Promise<Refusal | null> {
  const aggregate =
    seen === null
      ? newAggregate(service)
      : await withNamed(ports, seen, (known) => releasesNamedBy(events, known));
  let draft: Draft = { aggregate, history: NO_HISTORY };
  for (const event of events) {
    const decided = decideNow(ports, draft, [event]);
    if (decided.reply.kind === "refused") {
      return decided.reply.refusal;
    }
    ({ draft } = decided);
  }
  return null;
}

function recordStep(seen: SeenService | null, service: Service): ApplyStep {
  const name = `services/${service.id}`;
  const isNew = seen === null || seen.state.appliedAt === null || seen.state.removedAt !== null;
  if (isNew) {
    return { kind: "service", name, action: "create", changes: [] };
  }
  const before = seen.state.service;
  if (before.fingerprint === service.fingerprint) {
    return { kind: "service", name, action: "unchanged", changes: [] };
  }
  const changes = [
    ...changeOf("revision", before.revision, service.revision),
    ...changeOf("image", before.image, service.image),
    ...changeOf("environments", listOf(before), listOf(service)),
  ];
  const shown =
    changes.length > 0 ? changes : [{ field: "policy", from: "before", to: "as written now" }];
  return { kind: "service", name, action: "update", changes: shown };
}

function listOf({ environments }: Service): string {
  return environments.map(({ id }) => id).join(", ");
}
