import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, DeployResult, Runtime } from "../kit/runtime.ts";
import { checkAccount, needsOfChange, needsOfDeploy } from "./as-account.ts";
import { actionVariables, type MayChange, runAction } from "./custom-action.ts";
import { isPlatformType, parametersOf, platformChange } from "./custom-target.ts";
import { isRunJob, isRunService, resourceName, resourcesIn } from "./manifest.ts";
import { ancestorOf, projectId, segmentOf } from "./names.ts";
import { planPhases, stageOf } from "./pipelines.ts";
import { customTypeOf } from "./render.ts";
import type { JobRun, Release, Rollout, Stage, Target } from "./resources.ts";
import type { World } from "./world.ts";

/** How a deploy came out. */
export type DeployOutcome =
  | { readonly kind: "deployed"; readonly cloudRun: DeployResult | null }
  | {
      readonly kind: "failed";
      readonly failureCause: NonNullable<NonNullable<JobRun["deployJobRun"]>["failureCause"]>;
      readonly message: string;
    };

type Deploy = {
  readonly release: Release;
  readonly stage: Stage;
  readonly target: Target;
  /** Traffic of the new version, from 0 to 100. */
  readonly percentage: number;
};

const PERCENT_ALL = 100;

/**
 * Deploys what a deploy job is about, through the runtime: to a Cloud Run target, to the platform's custom target and to
 * custom targets whose action is a script that calls gcloud.
 * @throws GoogleError when the runtime refuses it.
 */
export function runDeployJob(world: World, rollout: Rollout, phaseId: string): DeployOutcome {
  const deploy = gather(world, rollout, phaseId);
  const { runtime } = world;
  if (deploy === null || runtime === null) {
    return { kind: "deployed", cloudRun: null };
  }
  return deploy.target.run === undefined
    ? { kind: "deployed", cloudRun: runCustomTarget({ ...world, runtime }, deploy) }
    : callRuntime({ ...world, runtime }, deploy);
}

function gather(world: World, rollout: Rollout, phaseId: string): Deploy | null {
  const { targetId } = rollout;
  const release = world.releases.find(ancestorOf(rollout.name, "releases"));
  const stage = stageOf(release.deliveryPipelineSnapshot, targetId);
  const target = release.targetSnapshots.find((one) => one.targetId === targetId);
  const phase = stage && planPhases(stage).find(({ id }) => id === phaseId);
  return stage === undefined || target === undefined || phase === undefined
    ? null
    : { release, stage, target, percentage: phase.percentage };
}

type RunningWorld = World & { readonly runtime: Runtime };

function runCustomTarget(world: RunningWorld, deploy: Deploy): DeployResult | null {
  const { release, stage, target, percentage } = deploy;
  const { runtime } = world;
  const type = customTypeOf(release, target);
  const parameters = parametersOf(release, stage, target);
  if (type !== undefined && isPlatformType(type)) {
    return runtime.changeImage(platformChange(release, target, parameters));
  }
  const { script = "" } = release.hidden.rendered[target.targetId] ?? {};
  if (script !== "" && percentage === PERCENT_ALL) {
    const may: MayChange = (name) => {
      const needed = needsOfChange(name);
      checkAccount(world, target, { usage: "DEPLOY", needed, service: "run.googleapis.com" });
    };
    runAction({ runtime, may }, script, actionVariables(parameters));
  }
  return null;
}

function callRuntime(world: RunningWorld, deploy: Deploy): DeployOutcome {
  const { runtime } = world;
  const request = toRunRequest(world, deploy);
  const { percentage } = request;
  const name = nameOf(request);
  checkAccount(world, deploy.target, {
    usage: "DEPLOY",
    needed: needsOfDeploy(request, runtime.isThere(name)),
    service: "run.googleapis.com",
  });
  if (percentage === 0) {
    return {
      kind: "failed",
      failureCause: "DEPLOY_FEATURE_NOT_SUPPORTED",
      message: "The emulator cannot deploy a revision without traffic",
    };
  }
  if (percentage < PERCENT_ALL && !runtime.isThere(name)) {
    return {
      kind: "failed",
      failureCause: "MISSING_RESOURCES_FOR_CANARY",
      message: `${name} does not exist, so it has no traffic to split`,
    };
  }
  return { kind: "deployed", cloudRun: runtime.deploy(request) };
}

function toRunRequest(world: World, { release, target, percentage }: Deploy): DeployRequest {
  const rendered = release.hidden.rendered[target.targetId]?.manifest ?? "";
  const manifest = resourcesIn("the rendered manifest", rendered).find(
    (resource) => isRunService(resource) || isRunJob(resource),
  );
  if (manifest === undefined) {
    throw googleError("FAILED_PRECONDITION", "There is no rendered Cloud Run service or job");
  }
  const place = target.run?.location ?? "";
  return {
    project: projectId(world.projects, segmentOf(place, "projects") ?? ""),
    location: segmentOf(place, "locations") ?? "",
    manifest,
    percentage,
    labels: labelsOf(manifest),
  };
}

/** The full name of what a manifest describes. */
function nameOf({ project, location, manifest }: DeployRequest): string {
  const resource = isRecord(manifest) ? manifest : {};
  const kind = isRunJob(resource) ? "jobs" : "services";
  return `projects/${project}/locations/${location}/${kind}/${resourceName(resource)}`;
}

function labelsOf(manifest: Readonly<Record<string, unknown>>): Record<string, string> {
  const metadata = manifest["metadata"];
  const labels = isRecord(metadata) && isRecord(metadata["labels"]) ? metadata["labels"] : {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}
