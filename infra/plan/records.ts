import type { ApplyStep } from "../../shared/domain/apply-plan.ts";
import type { Result } from "../../shared/domain/result.ts";
import type { Problem } from "../../shared/wire/spec/problem.ts";
import type { Placement } from "../../shared/wire/spec/to-service.ts";

/** A specification on its way to the record. */
export type Submission = {
  readonly service: string;
  /** The text of its service.yaml. */
  readonly text: string;
  readonly placement: Placement;
  /** Whether it is only asked what would happen. */
  readonly isTried: boolean;
};

/** What became of it, or would. */
export type Submitted = {
  readonly steps: readonly ApplyStep[];
  readonly problems: readonly Problem[];
};

/** Where specifications are decided on and recorded. */
export type Records = {
  /**
   * Sends a specification. It is recorded whole or not at all; doing it again changes nothing.
   * @returns its errors, if it cannot be applied: nothing was recorded then.
   * @throws Error when it is refused for another reason, or nobody answers.
   */
  readonly submit: (submission: Submission) => Promise<Result<Submitted, readonly Problem[]>>;
};
