import { PermanentError } from "../../shared/ports/errors.ts";
import type { Records, Submission, Submitted } from "../plan/records.ts";
import type { PlannedStep } from "./step.ts";

/**
 * The steps of what is recorded: the service, so that its images are delivered from then on, and the holds that
 * `rollout.suspended` asks for. They are one act, done with the first of them that changes anything.
 */
export function planRecord(
  records: Records,
  {
    submission,
    tried,
  }: { readonly submission: Omit<Submission, "isTried">; readonly tried: Submitted },
): readonly PlannedStep[] {
  let submitted: Promise<void> | null = null;
  const perform = async (): Promise<void> => {
    submitted ??= submit(records, submission);
    await submitted;
  };
  return tried.steps.map((step) => ({
    ...step,
    notes: [],
    perform: step.action === "unchanged" ? (): Promise<void> => Promise.resolve() : perform,
  }));
}

async function submit(records: Records, submission: Omit<Submission, "isTried">): Promise<void> {
  const { service } = submission;
  const done = await records.submit({ ...submission, isTried: false });
  if (!done.ok) {
    const told = done.refusal.map(({ line, message }) => `${line}: ${message}`).join("; ");
    throw new PermanentError("FAILED_PRECONDITION", `services/${service}: ${told}`);
  }
}
