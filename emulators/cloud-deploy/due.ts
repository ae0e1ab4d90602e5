import { toGoogleError } from "../kit/google-error.ts";
import type { DeployResult } from "../kit/runtime.ts";
import { runDeployJob } from "./deploy-job.ts";
import { ancestorOf } from "./names.ts";
import { notify } from "./notify.ts";
import { closePhases, withPhase } from "./phases.ts";
import { admit, endPhase, endRollout } from "./progress.ts";
import { renderRelease } from "./render.ts";
import type { JobRun, Rollout } from "./resources.ts";
import { timestamp, type World } from "./world.ts";

/** What ends by itself, by the kind of the resource. */
const ENDS: Readonly<Record<string, (world: World, name: string) => void | Promise<void>>> = {
  releases: endRender,
  jobRuns: endJobRun,
  rollouts: endCancel,
};

/** Ends what has fallen due. What was cancelled, deleted or forgotten by a reset is no longer due. */
export async function end(world: World, name: string, atMs: number): Promise<void> {
  if (world.due.get(name) !== atMs) {
    return;
  }
  try {
    await ENDS[name.split("/").at(-2) ?? ""]?.(world, name);
  } finally {
    // Only now: what was under way when the process stopped is done again.
    if (world.due.get(name) === atMs) {
      world.due.delete(name);
    }
  }
}

async function endRender(world: World, name: string): Promise<void> {
  const outcomes = await renderRelease(world, world.releases.find(name));
  const release = world.releases.records.get(name);
  if (release === undefined) {
    // The pipeline was deleted while its release rendered.
    return;
  }
  const isFailed = outcomes.some(({ render }) => render.renderingState === "FAILED");
  world.releases.change(release, {
    renderState: isFailed ? "FAILED" : "SUCCEEDED",
    renderEndTime: timestamp(world),
    targetRenders: Object.fromEntries(outcomes.map(({ targetId, render }) => [targetId, render])),
    hidden: {
      rendered: Object.fromEntries(outcomes.map(({ targetId, rendered }) => [targetId, rendered])),
    },
  });
  notify(world, "resources Update", { name });
  notify(world, isFailed ? "operations Failure" : "operations Succeed", { name });
  for (const rollout of world.rollouts.records.values()) {
    if (rollout.state !== "PENDING_RELEASE" || ancestorOf(rollout.name, "releases") !== name) {
      continue;
    }
    if (isFailed) {
      // A rollout needs the whole release: one target that did not render fails it too. Unconfirmed.
      endRollout(world, rollout, {
        state: "FAILED",
        deployFailureCause: "RELEASE_FAILED",
        failureReason: "The release failed to render",
      });
    } else {
      admit(world, rollout);
    }
  }
}

function endJobRun(world: World, name: string): void {
  const { phaseId } = world.jobRuns.find(name);
  const rollout = world.rollouts.find(ancestorOf(name, "rollouts"));
  let cloudRun: DeployResult | null = null;
  try {
    cloudRun = runDeployJob(world, rollout, phaseId);
  } catch (error) {
    const { message: failureReason } = toGoogleError(error);
    const failureCause = "EXECUTION_FAILED";
    const deployJobRun = { failureCause, failureMessage: failureReason } as const;
    endRun(world, name, { state: "FAILED", deployJobRun });
    const phases = withPhase(rollout, phaseId, { state: "FAILED" });
    const failure = { deployFailureCause: failureCause, failureReason } as const;
    endRollout(world, rollout, { ...failure, phases, state: "FAILED" });
    return;
  }
  const metadata = cloudRun === null ? {} : { metadata: { cloudRun } };
  endRun(world, name, { state: "SUCCEEDED", deployJobRun: metadata });
  const phases = withPhase(rollout, phaseId, { state: "SUCCEEDED" });
  endPhase(world, rollout, { ...metadata, phases });
}

function endCancel(world: World, name: string): void {
  const rollout: Rollout = world.rollouts.find(name);
  for (const { deploymentJobs } of rollout.phases) {
    const { jobRun = "" } = deploymentJobs?.deployJob ?? {};
    if (world.jobRuns.records.get(jobRun)?.state === "IN_PROGRESS") {
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
  name: string,
  change: Partial<JobRun> & { readonly state: keyof typeof TOLD },
): void {
  const { jobRuns } = world;
  const { phaseId } = jobRuns.change(jobRuns.find(name), { ...change, endTime: timestamp(world) });
  notify(world, "resources Update", { name });
  notify(world, `operations ${TOLD[change.state]}`, { name, phaseId });
}
