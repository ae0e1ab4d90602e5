import { fact } from "../audit-record.ts";
import type { FactKind } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { sourceName } from "../backup.ts";
import { isLook } from "../effect.ts";
import type { Act, Effect } from "../effect.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { environmentState, findPromotion } from "../state.ts";
import { stopRollout } from "../steps/steer.ts";
import { runOf } from "../steps/run.ts";
import { entryOf } from "../entry-of.ts";

type EffectFailed = Extract<ServiceEvent, { kind: "effect-failed" }>;

/** The effects on a rollout that exists. If one fails, the rollout has to stop before its promotion may end. */
const GOES_ON: ReadonlySet<Effect["kind"]> = new Set<Effect["kind"]>([
  "advance-rollout",
  "approve-rollout",
]);

const DONE: Readonly<Record<Act["kind"], FactKind>> = {
  "create-release": "pipeline.release-created",
  "create-rollout": "rollout.created",
  "advance-rollout": "rollout.advanced",
  "approve-rollout": "rollout.approved",
  "cancel-rollout": "rollout.cancelled",
  "take-backup": "backup.started",
  "remove-backup": "backup.removed",
  "run-job": "migration.started",
  "restore-backup": "restore.started",
};

/** An effect was done: the record says so, once. A look changes nothing and is not recorded. */
export function onEffectDone(change: Change, effect: Effect): Change {
  if (isLook(effect)) {
    return change;
  }
  const recorded = record(change, fact(DONE[effect.kind], "slipway", about(effect)));
  return effect.kind === "create-release" ? remember(recorded, effect) : recorded;
}

/**
 * The history learns of it with the release's next change, which spares every push a write. A release that never ran
 * and left the state is asked of Cloud Deploy again, which has it already.
 */
function remember(change: Change, effect: Extract<Effect, { kind: "create-release" }>): Change {
  const release = entryOf(change.state.releases, effect.release.id);
  if (release === undefined || release.pipelines.includes(effect.pipeline.id)) {
    return change;
  }
  const known = { ...release, pipelines: [...release.pipelines, effect.pipeline.id] };
  const releases = { ...change.state.releases, [release.id]: known };
  return { ...change, state: { ...change.state, releases } };
}

/** An effect cannot be done: its promotion fails, and the record says why. */
export function onEffectFailed(change: Change, event: EffectFailed): Change {
  const { effect, status, message } = event;
  const described = about(effect);
  const recorded = record(
    change,
    fact("effect.failed", "slipway", {
      ...described,
      reason: message,
      details: { ...described.details, effect: effect.kind, status },
    }),
  );
  const promotion = findPromotion(recorded.state, effect.promotion);
  if (promotion === null) {
    return freeContract(recorded, effect);
  }
  const why = `${effect.kind}: ${message}`;
  const run = runOf(recorded, promotion.id);
  if (run !== null && GOES_ON.has(effect.kind)) {
    return stopRollout(recorded, run, why);
  }
  const end = { state: "FAILED" as const, message: why, by: "slipway" };
  return endPromotion(recorded, promotion, end);
}

/** Lets a person start a migration again that could not even be started. */
function freeContract(change: Change, effect: Effect): Change {
  const environment = change.state.service.environments.find(
    ({ id }) => environmentState(change.state, id).contract?.promotion === effect.promotion,
  );
  if (effect.kind !== "run-job" || environment === undefined) {
    return change;
  }
  const { contract } = environmentState(change.state, environment.id);
  return contract === null
    ? change
    : putEnvironment(change, environment.id, { contract: { ...contract, startedBy: null } });
}

function about(effect: Effect): {
  readonly promotion: Effect["promotion"];
  readonly details: Readonly<Record<string, string>>;
} {
  return { promotion: effect.promotion, details: detailsOf(effect) };
}

function detailsOf(effect: Effect): Readonly<Record<string, string>> {
  switch (effect.kind) {
    case "create-release":
      return { pipeline: effect.pipeline.id, release: effect.release.id };
    case "create-rollout":
      return { ...ofRollout(effect), target: effect.target };
    case "advance-rollout":
      return { ...ofRollout(effect), phase: effect.phase };
    case "approve-rollout":
    case "cancel-rollout":
      return ofRollout(effect);
    case "take-backup":
      return { backup: effect.backup.id, source: sourceName(effect.backup.source) };
    case "remove-backup":
      return { backup: effect.backup, source: sourceName(effect.source), name: effect.name };
    case "run-job":
      return { ...effect.job, mark: effect.mark };
    case "restore-backup": {
      const { backup, from, into } = effect.point;
      return { backup, from: sourceName(from), into: sourceName(into) };
    }
    case "find-databases":
    case "read-incidents":
      return { project: effect.project };
    case "read-provenance":
      return { digest: effect.digest };
    case "probe":
      return { service: effect.environment.runService };
  }
}

function ofRollout(effect: {
  readonly pipeline: { readonly id: string };
  readonly key: { readonly rollout: string };
}): Readonly<Record<string, string>> {
  return { pipeline: effect.pipeline.id, rollout: effect.key.rollout };
}
