import { fact } from "./audit-record.ts";
import type { FactKind } from "./audit-record.ts";
import { putRelease, record } from "./change.ts";
import type { Change } from "./change.ts";
import type { Effect } from "./effect.ts";
import { endPromotion } from "./end.ts";
import type { ServiceEvent } from "./event.ts";
import { findPromotion } from "./state.ts";

type EffectFailed = Extract<ServiceEvent, { kind: "effect-failed" }>;

const DONE: Readonly<Record<Effect["kind"], FactKind>> = {
  "create-release": "pipeline.release-created",
  "create-rollout": "rollout.created",
  "advance-rollout": "rollout.advanced",
  "cancel-rollout": "rollout.cancelled",
};

/** An effect was done: the record says so, once. */
export function onEffectDone(change: Change, effect: Effect): Change {
  const recorded = record(change, fact(DONE[effect.kind], "slipway", about(effect)));
  return effect.kind === "create-release" ? remember(recorded, effect) : recorded;
}

function remember(change: Change, effect: Extract<Effect, { kind: "create-release" }>): Change {
  const release = change.state.releases[effect.release.id];
  if (release === undefined || release.pipelines.includes(effect.pipeline.id)) {
    return change;
  }
  return putRelease(change, { ...release, pipelines: [...release.pipelines, effect.pipeline.id] });
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
    return recorded;
  }
  const end = { state: "FAILED" as const, message: `${effect.kind}: ${message}`, by: "slipway" };
  return endPromotion(recorded, promotion, end);
}

function about(effect: Effect): {
  readonly promotion: Effect["promotion"];
  readonly details: Readonly<Record<string, string>>;
} {
  return { promotion: effect.promotion, details: detailsOf(effect) };
}

function detailsOf(effect: Effect): Readonly<Record<string, string>> {
  const pipeline = effect.pipeline.id;
  switch (effect.kind) {
    case "create-release":
      return { pipeline, release: effect.release.id };
    case "create-rollout":
      return { pipeline, rollout: effect.key.rollout, target: effect.target };
    case "advance-rollout":
      return { pipeline, rollout: effect.key.rollout, phase: effect.phase };
    case "cancel-rollout":
      return { pipeline, rollout: effect.key.rollout };
  }
}
