import { perform, refuse, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { putRollbackHold, rollbackHoldReason } from "./hold.ts";
import { markBad } from "../change/mark-bad.ts";
import { asPromotionId, asReleaseId } from "../ids.ts";
import { isAt } from "../promotion.ts";
import type { Release } from "../release.ts";
import { requestPromotion } from "../change/request.ts";
import { goBackTo, judgeRollback, releaseLeft, withData } from "../rollback.ts";
import type { RollbackVerdict } from "../rollback.ts";
import { isUnderWay } from "../rollout.ts";
import type { Environment } from "../service.ts";
import type { ReleaseThere } from "../next-step.ts";
import type { Refusal } from "../refusal.ts";
import { environmentState, findEnvironment, openPromotions, releaseOf } from "../state.ts";
import { stopRollout } from "../steps/steer.ts";
import { runOf } from "../steps/run.ts";
import { entryOf } from "../entry-of.ts";

type RollbackRequested = Extract<ServiceEvent, { kind: "rollback-requested" }>;
type RestoreRequested = Extract<ServiceEvent, { kind: "restore-requested" }>;

/** Somebody takes an environment back to an earlier release, with or without its data. */
export function onRollbackRequested(change: Change, event: RollbackRequested): Change {
  const environment = findEnvironment(change.state.service, event.environment);
  if (environment === null) {
    const message = `service ${change.state.service.id} has no environment ${event.environment}`;
    return refuse(change, { kind: "not-found", message });
  }
  const id = event.release ?? goBackTo(change.state, environment)?.release ?? null;
  const release = id === null ? null : (entryOf(change.state.releases, id) ?? null);
  if (id !== null && release === null) {
    return refuse(change, { kind: "not-found", message: `there is no release ${id}` });
  }
  return goBack(change, { environment, release, event });
}

function goBack(
  change: Change,
  at: {
    readonly environment: Environment;
    readonly release: Release | null;
    readonly event: RollbackRequested;
  },
): Change {
  const { environment, release, event } = at;
  const same = openPromotions(change.state).find(
    (promotion) =>
      promotion.kind === "rollback" &&
      promotion.environment === environment.id &&
      promotion.release === release?.id,
  );
  if (same !== undefined) {
    return reply(change, { kind: "promotion", promotion: same.id });
  }
  const judged = judgeRollback(change.state, environment, { release, hasImage: event.hasImage });
  if (release === null) {
    const message = unsafeText(judged) ?? "there is no release to go back to";
    return refuse(change, { kind: "conflict", message });
  }
  const place = { service: change.state.service.id, environment: environment.id };
  const refusal = refusalOf(judged, { ...place, release: release.id }, event.restoreData);
  if (refusal !== null) {
    return refuse(change, refusal);
  }
  const held = putOnHold(change, environment, event);
  const asked = requestPromotion(clearTheWay(held, environment, event), {
    environment,
    release,
    kind: "rollback",
    by: event.by,
    reason: event.reason,
    breakGlass: null,
    wait: true,
    restores: event.restoreData ? judged.points : [],
  });
  return stopForeign(asked, environment);
}

/** Stops foreign rollouts too, because one that is under way would keep the environment from going back. */
function stopForeign(change: Change, environment: Environment): Change {
  if (change.reply.kind !== "promotion") {
    return change;
  }
  const { promotion } = change.reply;
  const { foreign } = environmentState(change.state, environment.id);
  return perform(
    change,
    ...foreign.filter(isUnderWay).map(({ id, release }) => ({
      kind: "cancel-rollout" as const,
      promotion,
      pipeline: environment.pipeline,
      key: { rollout: asPromotionId(id), release: asReleaseId(release) },
    })),
  );
}

function refusalOf(
  judged: RollbackVerdict,
  there: ReleaseThere,
  restoresData: boolean,
): Refusal | null {
  const unsafe = unsafeText(judged);
  if (unsafe !== null) {
    return { kind: "conflict", message: unsafe };
  }
  if (judged.verdict === "needs-data-restore" && !restoresData) {
    return { kind: "conflict", message: judged.reasons.join("; "), help: withData(there) };
  }
  const message =
    "no backup from before the current release is known, so no data can be restored; roll back without the data";
  return restoresData && judged.points.length === 0 ? { kind: "conflict", message } : null;
}

function unsafeText({ verdict, reasons }: RollbackVerdict): string | null {
  return verdict === "unsafe" ? `unsafe: ${reasons.join("; ")}` : null;
}

/** Stops the promotion that is in progress: its rollout is cancelled; before a rollout it ends at once. */
function clearTheWay(change: Change, environment: Environment, event: RollbackRequested): Change {
  const { active } = environmentState(change.state, environment.id);
  const run = active === null ? null : runOf(change, active.id);
  if (active === null || run === null) {
    return change;
  }
  const message = `${event.by} requested a rollback`;
  return isAt(active, "rollout")
    ? stopRollout(change, run, message)
    : endPromotion(change, active, { state: "CANCELLED", message, by: event.by });
}

/** Marks the release bad and holds the environment until somebody looks, so that nothing undoes the rollback. */
function putOnHold(change: Change, environment: Environment, event: RollbackRequested): Change {
  const left = releaseLeft(change.state, environment);
  if (event.hold === null) {
    return change;
  }
  const { by, reason, asOncall } = event;
  const mark = { by, reason, at: change.now, asOncall };
  const marked = left === null ? change : markBad(change, releaseOf(change.state, left), mark);
  return putRollbackHold(marked, {
    id: event.hold,
    scope: { kind: "environment", service: change.state.service.id, environment: environment.id },
    reason: rollbackHoldReason(reason),
    by,
    asOncall,
    createdAt: change.now,
    until: null,
  });
}

/** Somebody brings the data of a backup into an environment. This is a promotion with gates of its own. */
export function onRestoreRequested(change: Change, event: RestoreRequested): Change {
  const environment = findEnvironment(change.state.service, event.environment);
  if (environment === null) {
    const message = `service ${change.state.service.id} has no environment ${event.environment}`;
    return refuse(change, { kind: "not-found", message });
  }
  const { current } = environmentState(change.state, environment.id);
  if (current === null) {
    const message = `nothing runs in ${environment.id} yet, so there is no data to restore into`;
    return refuse(change, { kind: "conflict", message });
  }
  return requestPromotion(change, {
    environment,
    release: releaseOf(change.state, current.release),
    kind: "restore",
    by: event.by,
    reason: event.reason,
    breakGlass: null,
    wait: true,
    restores: event.points,
  });
}
