import type { Backup, BackupSource } from "./backup.ts";
import type { Digest, EnvironmentId, PromotionId, ReleaseId } from "./ids.ts";
import type { JobRef } from "./job.ts";
import type { RestorePoint } from "./promotion.ts";
import type { ProvenanceTrust } from "./provenance.ts";
import type { Release } from "./release.ts";
import type { RolloutKey } from "./rollout.ts";
import type { Environment, PipelineRef } from "./service.ts";
import type { Instant } from "./time.ts";

type OfPromotion = { readonly promotion: PromotionId };
type OfRollout = OfPromotion & { readonly pipeline: PipelineRef; readonly key: RolloutKey };

/** Something that changes the outside. Every name in it is derived from its cause, never random. */
export type Act =
  | (OfPromotion & {
      readonly kind: "create-release";
      readonly pipeline: PipelineRef;
      readonly release: Release;
    })
  | (OfRollout & {
      readonly kind: "create-rollout";
      readonly target: string;
      readonly description: string;
      readonly startingPhase: string | null;
    })
  | (OfRollout & { readonly kind: "advance-rollout"; readonly phase: string })
  | (OfRollout & { readonly kind: "approve-rollout" })
  | (OfRollout & { readonly kind: "cancel-rollout" })
  | (OfPromotion & {
      readonly kind: "take-backup";
      readonly backup: Backup;
      /** The image that is to be deployed, which must still be in the registry; null where only data is moved. */
      readonly image: string | null;
    })
  | (OfPromotion & {
      readonly kind: "remove-backup";
      readonly backup: string;
      readonly source: BackupSource;
      readonly name: string;
    })
  | (OfPromotion & {
      readonly kind: "run-job";
      readonly job: JobRef;
      readonly mark: string;
      readonly image: string;
    })
  | (OfPromotion & {
      readonly kind: "restore-backup";
      readonly point: RestorePoint;
      readonly mark: string;
      /** When the restore was ordered. */
      readonly since: Instant;
    });

/** Something to look at: a look changes nothing, and what it shows comes back as an event. */
export type Look =
  | (OfPromotion & { readonly kind: "find-databases"; readonly project: string })
  | (OfPromotion & {
      readonly kind: "read-incidents";
      readonly environment: EnvironmentId;
      readonly project: string;
    })
  | (OfPromotion & {
      readonly kind: "read-provenance";
      readonly release: ReleaseId;
      readonly repository: string;
      readonly digest: Digest;
      readonly trust: ProvenanceTrust;
    })
  | (OfPromotion & {
      readonly kind: "probe";
      readonly environment: Environment;
      readonly times: number;
    });

/** Something to do or to look at once the decision is stored. */
export type Effect = Act | Look;

const LOOKS: ReadonlySet<Effect["kind"]> = new Set<Look["kind"]>([
  "find-databases",
  "read-incidents",
  "read-provenance",
  "probe",
]);

/** Whether the effect only looks. */
export function isLook(effect: Effect): effect is Look {
  return LOOKS.has(effect.kind);
}

/** The effect's name. The same effect has the same name, so that it is in the outbox only once. */
export function effectId(effect: Effect): string {
  switch (effect.kind) {
    case "create-release":
      return `create-release ${effect.pipeline.id} ${effect.release.id}`;
    case "create-rollout":
    case "approve-rollout":
    case "cancel-rollout":
      return `${effect.kind} ${effect.key.rollout}`;
    case "advance-rollout":
      return `advance-rollout ${effect.key.rollout} ${effect.phase}`;
    case "take-backup":
      return `take-backup ${effect.backup.id}`;
    case "remove-backup":
      return `remove-backup ${effect.backup}`;
    case "run-job":
    case "restore-backup":
      return `${effect.kind} ${effect.mark}`;
    case "find-databases":
    case "probe":
      return `${effect.kind} ${effect.promotion}`;
    case "read-incidents":
      return `read-incidents ${effect.environment}`;
    case "read-provenance":
      return `read-provenance ${effect.release} ${effect.trust.id}`;
  }
}
