import type { Backup, BackupSource, DataFloor } from "./backup.ts";
import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "./ids.ts";
import type { ExecutionView } from "./job.ts";
import type { BreakableGate, GateReport } from "./gates/verdict.ts";
import type { Actor } from "./release.ts";
import { shorten } from "./text.ts";
import type { Instant } from "./time.ts";

/** What set a promotion off; a `restore` moves data and no release. */
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

/** The parts of a promotion. Which of them it has follows from its kind and its environment's policy. */
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

/** Gates that a named person chose to pass although they are closed. This is on the record. */
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
  /** What the approval was given for, in words: it lapses when that changes. Null where it was not kept. */
  readonly shown: string | null;
};

/** A backup whose data comes back, and where to. */
export type RestorePoint = {
  readonly backup: string;
  readonly from: BackupSource;
  readonly name: string;
  readonly into: BackupSource;
  /** The moment of the data; null where that is not known. */
  readonly takenAt: Instant | null;
  /** Which migrations the data has been through. */
  readonly floor: DataFloor;
  /** The restore's own name, once the data's service has given it one. */
  readonly restore: string | null;
  readonly isDone: boolean;
};

/** How a backup's data comes back into a place; null for a backup that did not succeed. */
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

/** The moment of the data that the points bring back: the earliest; null unless it is known of every point. */
export function dataMoment(points: readonly RestorePoint[]): Instant | null {
  const moments = points.flatMap(({ takenAt }) => (takenAt === null ? [] : [takenAt]));
  const [first = null] = moments.toSorted((one, other) => one - other);
  return moments.length === points.length ? first : null;
}

/** A step that was done for an earlier promotion, so that its retry need not do it again. */
export type DoneStep = {
  readonly name: StepName;
  readonly at: Instant;
  readonly by: PromotionId;
  readonly message: string | null;
};

/** What a retry goes on from: the promotion that is tried again, and the steps that were done for it. */
export type Retry = { readonly of: PromotionId; readonly done: readonly DoneStep[] };

/** How an approval that Cloud Deploy itself asks for stands: ours is passed on, or a person is waited for. */
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
  /** The backups that were taken for the promotion, or found young enough. */
  readonly backups: readonly Backup[];
  /** The migration's execution that is under way or was done last. */
  readonly execution: ExecutionView | null;
  /** The rollout's phase that waits until the phase before has proved itself; null when none waits. */
  readonly nextPhase: string | null;
  /** The phase that Cloud Deploy was asked for last, so that no phase is asked for twice. */
  readonly advancedTo: string | null;
  /** How often in a row the running release did not prove itself. */
  readonly probeFailures: number;
  /** Whether the rollout was told to stop. Then the promotion goes no further, whatever the rollout does. */
  readonly isStopping: boolean;
  readonly rolloutApproval: RolloutApproval;
  /** The data that a restore, or a rollback with its data, brings back. */
  readonly restores: readonly RestorePoint[];
  /** Null unless the promotion is a retry. */
  readonly retry: Retry | null;
  /** When the present wait or run is given up; null once ended. */
  readonly deadline: Instant | null;
};

/** Whether the promotion has ended for good. */
export function isEnded(promotion: Promotion): boolean {
  return promotion.state !== "WAITING" && promotion.state !== "RUNNING";
}

/** Whether a promotion of that kind moves a release forward, and not back. */
export function isForward(kind: PromotionKind): boolean {
  return kind !== "rollback" && kind !== "restore";
}

/** The promotion's step of that name, or null when it has none. */
export function stepOf(promotion: Promotion, name: StepName): Step | null {
  return promotion.steps.find((step) => step.name === name) ?? null;
}

/** Whether that step of the promotion is under way. */
export function isAt(promotion: Promotion, name: StepName): boolean {
  return promotion.state === "RUNNING" && stepOf(promotion, name)?.state === "RUNNING";
}

/** How long a step's message may be. */
export const STEP_MESSAGE_LENGTH_MAX = 600;

/** A step's message, cut to the length that is kept. */
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

/** The promotion ended in a state. A step that was under way ends with it; a step that had not begun is skipped. */
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
