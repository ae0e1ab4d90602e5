import type { protos } from "@google-cloud/deploy";

import { ROLLOUT_STATES } from "../domain/rollout.ts";
import type { RolloutState, RolloutView } from "../domain/rollout.ts";

import { toInstant } from "./timestamp.ts";

type Rollout = protos.google.cloud.deploy.v1.IRollout;
type Phase = protos.google.cloud.deploy.v1.IPhase;
type JobRun = protos.google.cloud.deploy.v1.IJobRun;

const STATES: ReadonlyMap<string, RolloutState> = new Map(
  ROLLOUT_STATES.map((state) => [state, state]),
);

const NAME = /\/releases\/(?<release>[^/]+)\/rollouts\/(?<id>[^/]+)$/;

/** What a rollout in Cloud Deploy says; a state that nobody told us of is UNRECOGNIZED. */
export function toRolloutView(rollout: Rollout, failure: string | null): RolloutView {
  const { release = "", id = "" } = NAME.exec(rollout.name ?? "")?.groups ?? {};
  const state = stateOf(rollout);
  return {
    id,
    release,
    target: rollout.targetId ?? "",
    state,
    rawState: rawStateOf(rollout),
    failure,
    nextPhase: state === "IN_PROGRESS" ? nextPhase(rollout.phases ?? []) : null,
    description: rollout.description ?? "",
    createdAt: toInstant(rollout.createTime),
    endedAt: toInstant(rollout.deployEndTime),
  };
}

/** The rollout's state. */
export function stateOf(rollout: Rollout): RolloutState {
  return STATES.get(rawStateOf(rollout)) ?? "UNRECOGNIZED";
}

function rawStateOf(rollout: Rollout): string {
  return String(rollout.state ?? "STATE_UNSPECIFIED");
}

/** The first phase starts by itself; a later one waits once the phase before it is over. */
function nextPhase(phases: readonly Phase[]): string | null {
  const index = phases.findIndex(({ state }) => state === "PENDING");
  const before = index < 1 ? null : phases[index - 1]?.state;
  return before === "SUCCEEDED" || before === "SKIPPED" ? (phases[index]?.id ?? null) : null;
}

/** The phase of that id, or null. */
export function findPhase(rollout: Rollout, id: string): Phase | null {
  return rollout.phases?.find((phase) => phase.id === id) ?? null;
}

/** Why the rollout failed, as far as it says so itself. */
export function statedFailure(rollout: Rollout): string | null {
  const cause = String(rollout.deployFailureCause ?? "");
  const stated = [cause.endsWith("UNSPECIFIED") ? "" : cause, rollout.failureReason ?? ""];
  const said = stated.filter((text) => text !== "").join(": ");
  return said === "" ? null : said;
}

/** The name of the job run that failed last, or null. */
export function failedJobRun(rollout: Rollout): string | null {
  const jobs = (rollout.phases ?? [])
    .flatMap(({ deploymentJobs }) => [
      deploymentJobs?.predeployJob,
      deploymentJobs?.deployJob,
      deploymentJobs?.verifyJob,
      deploymentJobs?.postdeployJob,
    ])
    .filter((job) => job?.state === "FAILED");
  const name = jobs.at(-1)?.jobRun ?? "";
  return name === "" ? null : name;
}

/** What a failed job run says. */
export function jobRunFailure(run: JobRun): string | null {
  const parts = [run.deployJobRun, run.verifyJobRun, run.predeployJobRun, run.postdeployJobRun];
  const message = parts.find((part) => (part?.failureMessage ?? "") !== "")?.failureMessage;
  return message ?? null;
}
