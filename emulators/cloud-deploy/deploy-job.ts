import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, Runtime } from "../kit/runtime.ts";
import { checkAccount, needsOfChange, needsOfDeploy } from "./as-account.ts";
import type { Release, Stage, Target } from "./configuration.ts";
import { actionVariables, type MayChange, runAction } from "./custom-action.ts";
import { isRunImageType, type RunImageDeploy, toRunImageDeploy } from "./custom-run-target.ts";
import { fromYaml, isRunJob, isRunService, resourceName } from "./manifest.ts";
import { ancestorOf, projectId, segmentOf } from "./names.ts";
import { parametersOf } from "./parameters.ts";
import { customTypeOf } from "./render.ts";
import type { CloudRunMetadata, JobRun, Rollout } from "./rollout.ts";
import { type PhasePlan, planPhases, stageOf } from "./strategy.ts";
import { find, type World } from "./world.ts";

/** How a deploy came out. */
export type DeployOutcome =
  | { readonly kind: "deployed"; readonly cloudRun: CloudRunMetadata | null }
  | { readonly kind: "failed"; readonly failureCause: string; readonly message: string };

type Deploy = {
  readonly release: Release;
  readonly stage: Stage;
  readonly target: Target;
  readonly phase: PhasePlan;
};

/** Where the script of a custom target's deploy action is kept among the rendered manifests. */
export function deployScriptKey(release: string, targetId: string): string {
  return `${release}/${targetId}/deploy-action`;
}

/**
 * Deploys what a deploy job is about: a Cloud Run target, the platform's custom target and custom targets whose
 * action is a script that calls gcloud, through the runtime; other targets have nothing here that could be changed.
 * @throws GoogleError when the runtime refuses it.
 */
export function runDeployJob(world: World, rollout: Rollout, jobRun: JobRun): DeployOutcome {
  const deploy = gather(world, rollout, jobRun);
  const { runtime } = world;
  if (deploy === null || runtime === null) {
    return NOTHING;
  }
  if (deploy.target.run !== undefined) {
    return callRuntime({ ...world, runtime }, deploy.target, toRunRequest(world, deploy));
  }
  const { release, stage, target, phase } = deploy;
  const type = customTypeOf(release, target);
  const parameters = parametersOf(release, stage, target);
  if (type !== undefined && isRunImageType(type)) {
    return changeImage(runtime, release, toRunImageDeploy(target.targetId ?? "", parameters));
  }
  const script = world.state.manifests.get(deployScriptKey(release.name, target.targetId ?? ""));
  if (script !== undefined && phase.percentage === PERCENT_ALL) {
    const may: MayChange = (name) => {
      const needed = needsOfChange(name);
      checkAccount(world, target, { usage: "DEPLOY", needed, service: "run.googleapis.com" });
    };
    runAction({ runtime, may }, script, actionVariables(parameters));
  }
  return NOTHING;
}

const NOTHING: DeployOutcome = { kind: "deployed", cloudRun: null };
const PERCENT_ALL = 100;

function gather(world: World, rollout: Rollout, jobRun: JobRun): Deploy | null {
  const release = find(world.state.releases, ancestorOf(rollout.name, "releases"));
  const stage = stageOf(release.deliveryPipelineSnapshot, rollout.targetId);
  const target = release.targetSnapshots.find(({ targetId }) => targetId === rollout.targetId);
  const phase = stage && planPhases(stage).find(({ id }) => id === jobRun.phaseId);
  return stage === undefined || target === undefined || phase === undefined
    ? null
    : { release, stage, target, phase };
}

function toRunRequest(world: World, { release, target, phase }: Deploy): DeployRequest {
  const key = `${release.name}/${target.targetId ?? ""}/${phase.id}`;
  const manifest = fromYaml(world.state.manifests.get(key) ?? "").find(isDeployable);
  if (manifest === undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `There is no rendered Cloud Run service or job for phase ${phase.id}`,
    );
  }
  const place = target.run?.location ?? "";
  return {
    project: projectId(world.state.projects, segmentOf(place, "projects") ?? ""),
    location: segmentOf(place, "locations") ?? "",
    manifest,
    percentage: phase.percentage,
    labels: labelsOf(manifest),
  };
}

function isDeployable(resource: Readonly<Record<string, unknown>>): boolean {
  return isRunService(resource) || isRunJob(resource);
}

/** The region is the pipeline's, whatever the environment's own is: the platform's action does so. */
function changeImage(
  runtime: Runtime,
  release: Release,
  { project, service, image }: RunImageDeploy,
): DeployOutcome {
  const location = segmentOf(release.name, "locations") ?? "";
  const name = `projects/${project}/locations/${location}/services/${service}`;
  const changed = runtime.changeImage({ kind: "service", name, image, createMissing: true });
  return { kind: "deployed", cloudRun: changed };
}

function callRuntime(
  world: World & { readonly runtime: Runtime },
  target: Target,
  request: DeployRequest,
): DeployOutcome {
  const { runtime } = world;
  const name = nameOf(request);
  checkAccount(world, target, {
    usage: "DEPLOY",
    needed: needsOfDeploy(request, runtime.isThere(name)),
    service: "run.googleapis.com",
  });
  if (request.percentage === 0) {
    return {
      kind: "failed",
      failureCause: "DEPLOY_FEATURE_NOT_SUPPORTED",
      message: "The emulator cannot deploy a revision without traffic",
    };
  }
  if (request.percentage < PERCENT_ALL && !runtime.isThere(name)) {
    return {
      kind: "failed",
      failureCause: "MISSING_RESOURCES_FOR_CANARY",
      message: `${name} does not exist, so it has no traffic to split`,
    };
  }
  return { kind: "deployed", cloudRun: runtime.deploy(request) };
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
