import { toGoogleError } from "../kit/google-error.ts";
import { type DeployOutcome, runDeployJob } from "./deploy-job.ts";
import { ancestorOf } from "./names.ts";
import { notifyOperation, notifyResource } from "./notify.ts";
import { closePhases, withPhase } from "./phases.ts";
import { admit, endPhase, endRollout } from "./progress.ts";
import { renderRelease } from "./render.ts";
import type { JobRun, Release, Rollout } from "./resources.ts";
import { timestamp, type Work, type World } from "./world.ts";

/** Does what has fallen due. What was deleted meanwhile is no longer due. */
export async function runDue(world: World, { kind, name }: Work): Promise<void> {
  switch (kind) {
    case "render":
      await endRender(world, world.releases.find(name));
      return;
    case "job-run":
      endJobRun(world, world.jobRuns.find(name));
      return;
    case "cancel":
      endCancel(world, world.rollouts.find(name));
      return;
  }
}

async function endRender(world: World, begun: Release): Promise<void> {
  const outcomes = await renderRelease(world, begun);
  const { name } = begun;
  const release = world.releases.records.get(name);
  if (release === undefined) {
    // The pipeline was deleted while its release rendered.
    return;
  }
  const isFailed = outcomes.some(({ render }) => render.renderingState === "FAILED");
  const ended = world.releases.change(release, {
    renderState: isFailed ? "FAILED" : "SUCCEEDED",
    renderEndTime: timestamp(world),
    targetRenders: Object.fromEntries(outcomes.map(({ targetId, render }) => [targetId, render])),
    hidden: {
      rendered: Object.fromEntries(outcomes.map(({ targetId, rendered }) => [targetId, rendered])),
    },
  });
  const subject = { type: "Release", name };
  notifyResource(world, "Update", subject);
  notifyOperation(world, isFailed ? "Failure" : "Succeed", subject);
  for (const rollout of world.rollouts.records.values()) {
    if (rollout.state === "PENDING_RELEASE" && ancestorOf(rollout.name, "releases") === name) {
      admitRendered(world, ended, rollout);
    }
  }
}

/** A rollout needs the whole release: one target that did not render fails it too. Unconfirmed. */
function admitRendered(world: World, { renderState }: Release, rollout: Rollout): void {
  if (renderState === "SUCCEEDED") {
    admit(world, rollout);
    return;
  }
  endRollout(world, rollout, {
    state: "FAILED",
    deployFailureCause: "RELEASE_FAILED",
    failureReason: "The release failed to render",
  });
}

function endJobRun(world: World, jobRun: JobRun): void {
  const rollout = world.rollouts.find(ancestorOf(jobRun.name, "rollouts"));
  const { phaseId } = jobRun;
  const outcome = outcomeOf(world, rollout, jobRun);
  if (outcome.kind === "failed") {
    const { failureCause, message } = outcome;
    const deployJobRun = { failureCause, failureMessage: message };
    endRun(world, jobRun, { state: "FAILED", deployJobRun });
    endRollout(world, rollout, {
      phases: withPhase(rollout, phaseId, { state: "FAILED" }),
      state: "FAILED",
      deployFailureCause: "EXECUTION_FAILED",
      failureReason: message,
    });
    return;
  }
  const metadata = outcome.cloudRun === null ? {} : { metadata: { cloudRun: outcome.cloudRun } };
  endRun(world, jobRun, { state: "SUCCEEDED", deployJobRun: metadata });
  const phases = withPhase(rollout, phaseId, { state: "SUCCEEDED" });
  endPhase(world, rollout, { ...metadata, phases });
}

function outcomeOf(world: World, rollout: Rollout, { phaseId }: JobRun): DeployOutcome {
  try {
    return runDeployJob(world, rollout, phaseId);
  } catch (error) {
    const { message } = toGoogleError(error);
    return { kind: "failed", failureCause: "EXECUTION_FAILED", message };
  }
}

function endCancel(world: World, rollout: Rollout): void {
  for (const { deploymentJobs } of rollout.phases) {
    const jobRun = world.jobRuns.records.get(deploymentJobs?.deployJob?.jobRun ?? "");
    if (jobRun?.state === "IN_PROGRESS") {
      endRun(world, jobRun, { state: "TERMINATED" });
    }
  }
  const phases = closePhases(rollout.phases, { state: "ABORTED" });
  endRollout(world, rollout, { phases, state: "CANCELLED" });
}

const TOLD = { SUCCEEDED: "Succeed", FAILED: "Failure", TERMINATED: "Terminated" } as const;

/** Ends a job run, and tells so. */
function endRun(
  world: World,
  jobRun: JobRun,
  change: Partial<JobRun> & { readonly state: keyof typeof TOLD },
): void {
  const { name, phaseId } = world.jobRuns.change(jobRun, { ...change, endTime: timestamp(world) });
  const { targetId } = world.rollouts.find(ancestorOf(name, "rollouts"));
  const subject = { type: "JobRun", name, targetId };
  notifyResource(world, "Update", subject);
  notifyOperation(world, TOLD[change.state], { ...subject, phaseId });
}
