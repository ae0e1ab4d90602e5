import { toGoogleError } from "../kit/google-error.ts";
import type { Release } from "./configuration.ts";
import { type DeployOutcome, deployScriptKey, runDeployJob } from "./deploy-job.ts";
import { ancestorOf } from "./names.ts";
import { notifyJobRun, notifyRender, notifyResource, notifyRollout } from "./notify.ts";
import { admit, changeState, startNext, startNextJob } from "./progress.ts";
import { renderRelease, type TargetOutcome } from "./render.ts";
import {
  closePhase,
  type JobRun,
  type JobRunDetails,
  jobsOf,
  type Phase,
  type Rollout,
  withJob,
  withPhase,
} from "./rollout.ts";
import type { Work } from "./state.ts";
import { find, put, timestamp, type World } from "./world.ts";

/** Does what has fallen due. What was deleted meanwhile is no longer due. */
export async function runDue(world: World, work: Work): Promise<void> {
  switch (work.kind) {
    case "render":
      await endRender(world, work.name);
      return;
    case "job-run":
      endJobRun(world, find(world.state.jobRuns, work.name));
      return;
    case "cancel":
      endCancel(world, find(world.state.rollouts, work.name));
      return;
    case "terminate":
      endTermination(world, find(world.state.jobRuns, work.name));
      return;
  }
}

async function endRender(world: World, name: string): Promise<void> {
  const outcomes = await renderRelease(world, find(world.state.releases, name));
  const release = world.state.releases.get(name);
  if (release === undefined) {
    // The pipeline was deleted while its release rendered.
    return;
  }
  const isFailed = outcomes.some(({ render }) => render.renderingState === "FAILED");
  const rendered = put(world.state.releases, {
    ...release,
    ...toRendered(outcomes),
    renderEndTime: timestamp(world),
  });
  for (const { targetId, manifests, deployScript } of outcomes) {
    if (deployScript !== "") {
      world.state.manifests.set(deployScriptKey(name, targetId), deployScript);
    }
    for (const [phaseId, manifest] of manifests) {
      world.state.manifests.set(`${name}/${targetId}/${phaseId}`, manifest);
    }
  }
  notifyResource(world, "Update", { type: "Release", name });
  notifyRender(world, isFailed ? "Failure" : "Succeed", rendered);
  for (const rollout of world.state.rollouts.values()) {
    if (rollout.state === "PENDING_RELEASE" && ancestorOf(rollout.name, "releases") === name) {
      admitRendered(world, rendered, rollout);
    }
  }
}

function toRendered(
  outcomes: readonly TargetOutcome[],
): Pick<Release, "renderState" | "targetRenders" | "targetArtifacts"> {
  const isFailed = outcomes.some(({ render }) => render.renderingState === "FAILED");
  return {
    renderState: isFailed ? "FAILED" : "SUCCEEDED",
    targetRenders: Object.fromEntries(outcomes.map(({ targetId, render }) => [targetId, render])),
    targetArtifacts: Object.fromEntries(
      outcomes.flatMap(({ targetId, artifact }) =>
        artifact === null ? [] : [[targetId, artifact]],
      ),
    ),
  };
}

/** A rollout needs the whole release: one target that did not render fails it too. Unconfirmed. */
function admitRendered(world: World, release: Release, rollout: Rollout): void {
  if (release.renderState === "SUCCEEDED" && release.abandoned !== true) {
    admit(world, rollout);
    return;
  }
  const isAbandoned = release.renderState === "SUCCEEDED";
  const failed = changeState(world, {
    ...rollout,
    state: "FAILED",
    deployFailureCause: isAbandoned ? "RELEASE_ABANDONED" : "RELEASE_FAILED",
    failureReason: isAbandoned ? "The release was abandoned" : "The release failed to render",
    deployEndTime: timestamp(world),
  });
  notifyRollout(world, "Failure", failed);
}

function endJobRun(world: World, jobRun: JobRun): void {
  const rollout = find(world.state.rollouts, ancestorOf(jobRun.name, "rollouts"));
  const outcome = outcomeOf(world, rollout, jobRun);
  const isDone = outcome.kind === "deployed";
  const ended = put(world.state.jobRuns, {
    ...jobRun,
    state: isDone ? "SUCCEEDED" : "FAILED",
    endTime: timestamp(world),
    [`${jobRun.jobId}JobRun`]: {
      ...detailsOf(jobRun),
      ...toDetails(world, rollout, { jobRun, outcome }),
    },
  });
  notifyResource(world, "Update", {
    type: "JobRun",
    name: jobRun.name,
    targetId: rollout.targetId,
  });
  notifyJobRun(world, isDone ? "Succeed" : "Failure", {
    jobRun: ended,
    targetId: rollout.targetId,
  });
  if (outcome.kind === "deployed") {
    const { cloudRun } = outcome;
    const told = cloudRun === null ? rollout : { ...rollout, metadata: { cloudRun } };
    const succeeded = changeJob(told, jobRun, (phase) =>
      withJob(phase, jobRun.jobId, { state: "SUCCEEDED" }),
    );
    startNextJob(world, succeeded, jobRun.phaseId);
  } else {
    fail(world, rollout, { jobRun, message: outcome.message });
  }
}

function fail(
  world: World,
  rollout: Rollout,
  { jobRun, message }: { readonly jobRun: JobRun; readonly message: string },
): void {
  const closed = changeJob(rollout, jobRun, (phase) => ({
    ...withJob(phase, jobRun.jobId, { state: "FAILED" }),
    state: "FAILED",
  }));
  const failed = changeState(world, {
    ...closed,
    state: "FAILED",
    deployFailureCause: "EXECUTION_FAILED",
    failureReason: message,
    deployEndTime: timestamp(world),
  });
  notifyRollout(world, "Failure", failed);
  startNext(world, failed);
}

/** A planned failure comes first, then what the deploy really does; the other jobs have nothing to fail at. */
function outcomeOf(world: World, rollout: Rollout, jobRun: JobRun): DeployOutcome {
  const { failures } = world.state;
  const planned = [...failures].find(
    ([, failure]) => failure.target === rollout.targetId && failure.job === jobRun.jobId,
  );
  if (planned !== undefined) {
    failures.delete(planned[0]);
    return { kind: "failed", failureCause: "EXECUTION_FAILED", message: planned[1].message };
  }
  if (jobRun.jobId !== "deploy") {
    return { kind: "deployed", cloudRun: null };
  }
  try {
    return runDeployJob(world, rollout, jobRun);
  } catch (error) {
    return {
      kind: "failed",
      failureCause: "EXECUTION_FAILED",
      message: toGoogleError(error).message,
    };
  }
}

function toDetails(
  world: World,
  rollout: Rollout,
  { jobRun, outcome }: { readonly jobRun: JobRun; readonly outcome: DeployOutcome },
): Partial<JobRunDetails> {
  if (outcome.kind === "failed") {
    return { failureCause: outcome.failureCause, failureMessage: outcome.message };
  }
  if (jobRun.jobId !== "deploy") {
    return {};
  }
  const release = world.state.releases.get(ancestorOf(rollout.name, "releases"));
  const artifact = release?.targetArtifacts[rollout.targetId];
  const path = artifact?.phaseArtifacts[jobRun.phaseId]?.manifestPath;
  return {
    ...(outcome.cloudRun !== null && { metadata: { cloudRun: outcome.cloudRun } }),
    ...(artifact !== undefined &&
      path !== undefined && {
        artifact: { artifactUri: artifact.artifactUri, manifestPaths: [path] },
      }),
  };
}

function endCancel(world: World, rollout: Rollout): void {
  for (const jobRun of world.state.jobRuns.values()) {
    if (jobRun.state === "TERMINATING" && ancestorOf(jobRun.name, "rollouts") === rollout.name) {
      terminate(world, jobRun, rollout.targetId);
    }
  }
  const phases = rollout.phases.map((phase) =>
    isOpen(phase) ? closePhase(phase, "ABORTED") : phase,
  );
  const cancelled = changeState(world, {
    ...rollout,
    phases,
    state: "CANCELLED",
    deployEndTime: timestamp(world),
  });
  notifyRollout(world, "Cancelled", cancelled);
  startNext(world, cancelled);
}

/** A terminated job run halts its rollout, which `retryJob` takes up again. Unconfirmed. */
function endTermination(world: World, jobRun: JobRun): void {
  const rollout = find(world.state.rollouts, ancestorOf(jobRun.name, "rollouts"));
  terminate(world, jobRun, rollout.targetId);
  const closed = changeJob(rollout, jobRun, (phase) => ({
    ...withJob(phase, jobRun.jobId, { state: "ABORTED" }),
    state: "ABORTED",
  }));
  const halted = changeState(world, { ...closed, state: "HALTED" });
  startNext(world, halted);
}

function terminate(world: World, jobRun: JobRun, targetId: string): void {
  const ended = put(world.state.jobRuns, {
    ...jobRun,
    state: "TERMINATED",
    endTime: timestamp(world),
  });
  notifyResource(world, "Update", { type: "JobRun", name: jobRun.name, targetId });
  notifyJobRun(world, "Terminated", { jobRun: ended, targetId });
}

function isOpen(phase: Phase): boolean {
  return jobsOf(phase).some(({ state }) => state === "PENDING" || state === "IN_PROGRESS");
}

function changeJob(rollout: Rollout, jobRun: JobRun, change: (phase: Phase) => Phase): Rollout {
  const phase = rollout.phases.find(({ id }) => id === jobRun.phaseId);
  return phase === undefined ? rollout : withPhase(rollout, jobRun.phaseId, change(phase));
}

function detailsOf(jobRun: JobRun): JobRunDetails | undefined {
  return jobRun[`${jobRun.jobId}JobRun`];
}
