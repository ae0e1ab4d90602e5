import type { Backup, BackupSource, DataFloor } from "./backup.ts";
import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "./ids.ts";
import type { ExecutionView } from "./job.ts";
import type { BreakableGate, GateReport } from "./gates/verdict.ts";
import type { Actor } from "./release.ts";
import { shorten } from "./text.ts";
import type { Instant } from "./time.ts";

/** What set a promotion off, and for a restore that it moves data and no release. */
export type PromotionKind = "automatic" | "manual" | "scheduled" | "rollback" | "restore";

/** How a promotion stands. All but the first two are final. */
export type PromotionState =
  | "WAITING"
  | "RUNNING"
  | "SUCCEEDED"
  | "FAILED"
  | "CANCELLED"
  | "REJECTED"
  | "SUPERSEDED"
  | "ROLLED_BACK";

/** The parts of a promotion; which of them one has follows from its kind and its environment's policy. */
export type StepName =
  | "gates"
  | "approval"
  | "backup"
  | "migrate"
  | "restore"
  | "rollout"
  | "verify"
  | "bake"
  | "contract";

/** How a step stands. */
export type StepState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "SKIPPED";

/** One part of a promotion. */
export type Step = {
  readonly name: StepName;
  readonly state: StepState;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** For people: what the step waits for, what it did, or why it failed. */
  readonly message: string | null;
};

/** Gates that a named person chose to pass though they are closed, on the record. */
export type BreakGlass = {
  readonly by: Actor;
  readonly reason: string;
  readonly gates: readonly BreakableGate[];
};

/** A person's approval of one promotion: one release into one environment. */
export type Approval = {
  readonly by: Actor;
  readonly at: Instant;
  readonly comment: string | null;
  /** What it was given for, in words: what of that changes lapses it. Null where that was not kept. */
  readonly shown: string | null;
};

/** A backup whose data comes back, and where to. */
export type RestorePoint = {
  readonly backup: string;
  readonly from: BackupSource;
  readonly name: string;
  readonly into: BackupSource;
  /** The moment whose data it is; null where that is not known. */
  readonly takenAt: Instant | null;
  /** What that data has been through. */
  readonly floor: DataFloor;
  /** The restore's own name once the service has one; how it stands. */
  readonly restore: string | null;
  readonly isDone: boolean;
};

/** The point at which a backup's data comes back into a place; null for a backup that did not succeed. */
export function toRestorePoint(backup: Backup, into: BackupSource): RestorePoint | null {
  const { id, source, name, state, startedAt, finishedAt, floor } = backup;
  return name === null || state !== "SUCCEEDED"
    ? null
    : {
        backup: id,
        from: source,
        name,
        into,
        takenAt: finishedAt ?? startedAt,
        floor,
        restore: null,
        isDone: false,
      };
}

/** The moment whose data points bring back: that of the first; null when it is not known. */
export function dataMoment(points: readonly RestorePoint[]): Instant | null {
  const moments = points.flatMap(({ takenAt }) => (takenAt === null ? [] : [takenAt]));
  const [first = null] = moments.toSorted((one, other) => one - other);
  return moments.length === points.length ? first : null;
}

/** A step that was done for a promotion before, which a retry need not do again. */
export type DoneStep = {
  readonly name: StepName;
  readonly at: Instant;
  readonly by: PromotionId;
  readonly message: string | null;
};

/** What a retry goes on from: the promotion that is tried again, and what was done for it. */
export type Retry = { readonly of: PromotionId; readonly done: readonly DoneStep[] };

/** How the approval stands for which Cloud Deploy itself may ask: ours is passed on, or it waits for a person. */
export type RolloutApproval = "unasked" | "awaited" | "passed-on";

/** Moving one release into one environment, or bringing an environment's data back. */
export type Promotion = {
  readonly id: PromotionId;
  readonly service: ServiceId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly kind: PromotionKind;
  readonly state: PromotionState;
  readonly requestedBy: Actor;
  readonly reason: string | null;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
  readonly steps: readonly Step[];
  readonly gates: readonly GateReport[];
  readonly breakGlass: BreakGlass | null;
  readonly approvals: readonly Approval[];
  /** The backups taken for it, or found young enough. */
  readonly backups: readonly Backup[];
  /** The migration's execution under way or done last. */
  readonly execution: ExecutionView | null;
  /** The rollout's phase that waits for the one before to prove itself; null when none does. */
  readonly nextPhase: string | null;
  /** The phase that was asked for last: no phase is asked for twice. */
  readonly advancedTo: string | null;
  /** How often in a row the running release did not prove itself. */
  readonly probeFailures: number;
  /** Whether its rollout was told to stop. Then the promotion goes no further, whatever is seen of the rollout. */
  readonly isStopping: boolean;
  readonly rolloutApproval: RolloutApproval;
  /** What is restored, by a restore or by a rollback that brings data back. */
  readonly restores: readonly RestorePoint[];
  /** Null unless it is a retry. */
  readonly retry: Retry | null;
  /** When the present wait or run is given up; null once ended. */
  readonly deadline: Instant | null;
};

/** Whether the promotion has ended for good. */
export function isEnded(promotion: Promotion): boolean {
  return promotion.state !== "WAITING" && promotion.state !== "RUNNING";
}

/** Whether a promotion of that kind brings a release on, rather than back. */
export function isForward(kind: PromotionKind): boolean {
  return kind !== "rollback" && kind !== "restore";
}

/** A step of the promotion, or null when it has none of that name. */
export function stepOf(promotion: Promotion, name: StepName): Step | null {
  return promotion.steps.find((step) => step.name === name) ?? null;
}

/** Whether that step of the promotion is under way. */
export function isAt(promotion: Promotion, name: StepName): boolean {
  return promotion.state === "RUNNING" && stepOf(promotion, name)?.state === "RUNNING";
}

/** How long a step's message may be. */
export const STEP_MESSAGE_LENGTH_MAX = 600;

/** What a step says, as far as it is kept. */
export function stepMessage(message: string): string {
  return shorten(message, STEP_MESSAGE_LENGTH_MAX);
}

/** The promotion with one step changed. */
export function withStep(
  promotion: Promotion,
  name: StepName,
  change: Partial<Omit<Step, "name">>,
): Promotion {
  const { message = null } = change;
  const kept = message === null ? change : { ...change, message: stepMessage(message) };
  const steps = promotion.steps.map((step) => (step.name === name ? { ...step, ...kept } : step));
  return { ...promotion, steps };
}

/** The promotion ended in a state, with whatever step was under way ended alike. */
export function ended(
  promotion: Promotion,
  end: { readonly state: PromotionState; readonly message: string | null; readonly at: Instant },
): Promotion {
  const message = end.message === null ? null : stepMessage(end.message);
  const steps = promotion.steps.map((step) => endedStep(step, { ...end, message }));
  return { ...promotion, state: end.state, endedAt: end.at, deadline: null, steps };
}

function endedStep(
  step: Step,
  end: { readonly state: PromotionState; readonly message: string | null; readonly at: Instant },
): Step {
  if (step.state === "SUCCEEDED" || step.state === "SKIPPED") {
    return step;
  }
  if (step.state === "PENDING") {
    return { ...step, state: "SKIPPED" };
  }
  const isFailure = end.state === "FAILED" || end.state === "ROLLED_BACK";
  const state = isFailure ? "FAILED" : "SKIPPED";
  return { ...step, state, endedAt: end.at, message: end.message };
}
