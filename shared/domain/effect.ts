import type { PromotionId } from "./ids.ts";
import type { Release } from "./release.ts";
import type { RolloutKey } from "./rollout.ts";
import type { PipelineRef } from "./service.ts";

/** Something to do outside. Every name in it is derived from its cause, never random. */
export type Effect =
  | {
      readonly kind: "create-release";
      readonly promotion: PromotionId;
      readonly pipeline: PipelineRef;
      readonly release: Release;
    }
  | {
      readonly kind: "create-rollout";
      readonly promotion: PromotionId;
      readonly pipeline: PipelineRef;
      readonly key: RolloutKey;
      readonly target: string;
      readonly description: string;
    }
  | {
      readonly kind: "advance-rollout";
      readonly promotion: PromotionId;
      readonly pipeline: PipelineRef;
      readonly key: RolloutKey;
      readonly phase: string;
    }
  | {
      readonly kind: "cancel-rollout";
      readonly promotion: PromotionId;
      readonly pipeline: PipelineRef;
      readonly key: RolloutKey;
    };

/** What an effect did, as far as a decision or a record needs to know. */
export type EffectOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly status: string; readonly message: string };

/** The effect's name: the same effect has the same name, so that it stands in the outbox once. */
export function effectId(effect: Effect): string {
  switch (effect.kind) {
    case "create-release":
      return `create-release ${effect.pipeline.id} ${effect.release.id}`;
    case "create-rollout":
      return `create-rollout ${effect.key.rollout}`;
    case "advance-rollout":
      return `advance-rollout ${effect.key.rollout} ${effect.phase}`;
    case "cancel-rollout":
      return `cancel-rollout ${effect.key.rollout}`;
  }
}
