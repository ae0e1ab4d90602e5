import type { Effect } from "./effect.ts";
import type { Hold } from "./hold.ts";
import type { EnvironmentId, HoldId, PromotionId, ReleaseId } from "./ids.ts";
import type { BreakGlass } from "./promotion.ts";
import type { Actor, Candidate } from "./release.ts";
import type { RolloutView } from "./rollout.ts";
import type { Service } from "./service.ts";

/** Something that happened. It says where to look; the shell has looked before it came here. */
export type ServiceEvent =
  | { readonly kind: "service-applied"; readonly service: Service; readonly by: Actor }
  | { readonly kind: "image-found"; readonly candidate: Candidate; readonly by: Actor }
  | {
      readonly kind: "image-refused";
      readonly digest: string;
      readonly tag: string;
      readonly reason: string;
    }
  | {
      readonly kind: "promotion-requested";
      readonly environment: EnvironmentId;
      /** Null: the one in the stage before, or the newest for a first stage. */
      readonly release: ReleaseId | null;
      readonly by: Actor;
      readonly reason: string | null;
      readonly breakGlass: BreakGlass | null;
      /** Whether closed gates park the promotion instead of refusing it. */
      readonly wait: boolean;
    }
  | {
      readonly kind: "cancellation-requested";
      readonly promotion: PromotionId;
      readonly by: Actor;
      readonly reason: string | null;
    }
  | { readonly kind: "rollout-observed"; readonly rollout: RolloutView }
  | {
      readonly kind: "running-observed";
      readonly environment: EnvironmentId;
      readonly image: string;
    }
  | { readonly kind: "hold-placed"; readonly hold: Hold }
  | { readonly kind: "hold-lifted"; readonly hold: HoldId; readonly by: Actor }
  | { readonly kind: "effect-done"; readonly effect: Effect }
  | {
      readonly kind: "effect-failed";
      readonly effect: Effect;
      readonly status: string;
      readonly message: string;
    }
  | { readonly kind: "tick" };
