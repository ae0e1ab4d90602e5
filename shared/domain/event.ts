import type { Backup, BackupState } from "./backup.ts";
import type { Effect } from "./effect.ts";
import type { Hold } from "./hold.ts";
import type { EnvironmentId, HoldId, PromotionId, ReleaseId } from "./ids.ts";
import type { Incident } from "./incident.ts";
import type { ExecutionView } from "./job.ts";
import type { TroubledChannel } from "./notices/troubled.ts";
import type { ProbeView } from "./probe.ts";
import type { BreakGlass, Promotion, RestorePoint } from "./promotion.ts";
import type { ProvenanceReading } from "./provenance.ts";
import type { Actor, Candidate } from "./release.ts";
import type { RolloutView } from "./rollout.ts";
import type { Service } from "./service.ts";
import type { Instant } from "./time.ts";

/** Something that a person, a pipeline or a clock wants of a service. */
export type Wish =
  | {
      readonly kind: "service-applied";
      readonly service: Service;
      readonly by: Actor;
      /** The service.yaml as it was written, to be shown beside an earlier one. */
      readonly text?: string;
    }
  | { readonly kind: "service-removed"; readonly by: Actor; readonly reason: string | null }
  | { readonly kind: "image-found"; readonly candidate: Candidate; readonly by: Actor }
  | {
      readonly kind: "image-refused";
      readonly digest: string;
      readonly tag: string;
      readonly reason: string;
      /** The tags that the registry shows on it now and that make no release. */
      readonly otherTags: readonly string[];
    }
  | {
      readonly kind: "promotion-requested";
      readonly environment: EnvironmentId;
      /**
       * Null: the release in the stage before, or for a first stage the newest. A manual environment needs one named.
       */
      readonly release: ReleaseId | null;
      readonly by: Actor;
      readonly reason: string | null;
      readonly breakGlass: BreakGlass | null;
      /** Whether closed gates park the promotion instead of refusing it. */
      readonly wait: boolean;
    }
  | {
      readonly kind: "retry-requested";
      /** The promotion to try again, as it ended. */
      readonly promotion: Promotion;
      readonly by: Actor;
    }
  | {
      readonly kind: "rollback-requested";
      readonly environment: EnvironmentId;
      /** Null: the deployment before the current one that had proved itself. */
      readonly release: ReleaseId | null;
      readonly by: Actor;
      readonly reason: string;
      /** Whether the data from before the current release comes back as well. */
      readonly restoreData: boolean;
      /** The id of the hold to place; null: place no hold and make no bad mark. */
      readonly hold: HoldId | null;
      /** Whether whoever asks counts as on-call there; then the hold and the mark are on-call's. */
      readonly asOncall: boolean;
      /** Whether the registry still has the image to go back to. */
      readonly hasImage: boolean;
    }
  | {
      readonly kind: "restore-requested";
      /** Where the data goes. */
      readonly environment: EnvironmentId;
      readonly points: readonly RestorePoint[];
      readonly by: Actor;
      readonly reason: string;
    }
  | {
      readonly kind: "approval-given";
      readonly promotion: PromotionId;
      readonly by: Actor;
      readonly comment: string | null;
      /** The changes that the approver was shown, if they say so: refused when the changes are different by now. */
      readonly shown?: string;
    }
  | {
      readonly kind: "rejection-given";
      readonly promotion: PromotionId;
      readonly by: Actor;
      readonly reason: string;
    }
  | {
      readonly kind: "cancellation-requested";
      readonly promotion: PromotionId;
      readonly by: Actor;
      readonly reason: string | null;
    }
  | {
      readonly kind: "contract-requested";
      readonly environment: EnvironmentId;
      /** The promotion whose migration is meant; left out: whichever waits there. */
      readonly promotion?: PromotionId;
      readonly by: Actor;
    }
  | {
      readonly kind: "release-marked";
      readonly release: ReleaseId;
      readonly isBad: boolean;
      readonly by: Actor;
      /** Whether they mark as on-call, or may take away a mark of on-call. */
      readonly asOncall: boolean;
      readonly reason: string;
    }
  | { readonly kind: "hold-placed"; readonly hold: Hold }
  | {
      readonly kind: "hold-lifted";
      readonly hold: HoldId;
      readonly by: Actor;
      /** Whether they may lift a hold of on-call. */
      readonly asOncall: boolean;
    }
  /** The channels of the service that are in trouble, all of them. */
  | { readonly kind: "channels-observed"; readonly troubled: readonly TroubledChannel[] }
  | { readonly kind: "tick" }
  | { readonly kind: "day-began" };

/** Something that a look outside showed. The shell has looked; the decision only takes note. */
export type Observation =
  | { readonly kind: "rollout-observed"; readonly rollout: RolloutView }
  | {
      readonly kind: "running-observed";
      readonly environment: EnvironmentId;
      readonly image: string;
      /** Who or what brought the image there, where that is known. */
      readonly by: string | null;
    }
  | {
      /** A rollout in a target of ours that was read afresh and that no open promotion made. */
      readonly kind: "foreign-rollout-observed";
      readonly environment: EnvironmentId;
      readonly rollout: RolloutView;
    }
  | {
      readonly kind: "databases-found";
      readonly promotion: PromotionId;
      readonly project: string;
      readonly instances: readonly string[];
    }
  | {
      readonly kind: "backup-observed";
      readonly promotion: PromotionId;
      readonly backup: string;
      readonly name: string;
      readonly state: BackupState;
      readonly finishedAt: Instant | null;
      readonly message: string | null;
    }
  /** The registry was searched for images that had changed, up to a moment by the registry's clock. */
  | { readonly kind: "registry-looked"; readonly upTo: string }
  | {
      readonly kind: "old-backups-found";
      readonly environment: EnvironmentId;
      readonly backups: readonly Backup[];
    }
  | {
      readonly kind: "execution-observed";
      readonly promotion: PromotionId;
      readonly execution: ExecutionView;
    }
  | {
      readonly kind: "restore-observed";
      readonly promotion: PromotionId;
      readonly backup: string;
      readonly restore: string;
      readonly state: BackupState;
      readonly message: string | null;
    }
  | {
      readonly kind: "probe-observed";
      readonly promotion: PromotionId;
      readonly probe: ProbeView;
      /** Whether all tags of the image were read, so that a version that is none of them says something. */
      readonly areTagsRead: boolean;
    }
  | {
      readonly kind: "incidents-observed";
      readonly environment: EnvironmentId;
      readonly open: readonly Incident[];
    }
  | {
      readonly kind: "incidents-unreadable";
      readonly environment: EnvironmentId;
      readonly reason: string;
    }
  | {
      readonly kind: "provenance-observed";
      readonly release: ReleaseId;
      readonly reading: ProvenanceReading;
    }
  | { readonly kind: "image-gone"; readonly release: ReleaseId }
  | {
      /** The tags that the registry shows on the release's image. */
      readonly kind: "tags-observed";
      readonly release: ReleaseId;
      readonly tags: readonly string[];
    }
  | { readonly kind: "effect-done"; readonly effect: Effect }
  | {
      readonly kind: "effect-failed";
      readonly effect: Effect;
      readonly status: string;
      readonly message: string;
    };

/** Something that happened. */
export type ServiceEvent = Wish | Observation;
