import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest, Runtime } from "../kit/runtime.ts";
import type { Release, Stage, Target } from "./configuration.ts";
import { isRunImageType, toRunImageDeploy } from "./custom-run-target.ts";
import { fromYaml, isRunService, resourceName } from "./manifest.ts";
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

/**
 * Deploys what a deploy job is about: a Cloud Run target and the platform's custom target through the
 * runtime; other targets have nothing here that could be changed.
 * @throws GoogleError when the runtime refuses it.
 */
export function runDeployJob(world: World, rollout: Rollout, jobRun: JobRun): DeployOutcome {
  const deploy = gather(world, rollout, jobRun);
  const request = deploy === null ? null : toRequest(world, deploy);
  if (deploy === null || request === null || world.runtime === null) {
    return { kind: "deployed", cloudRun: null };
  }
  return callRuntime(world.runtime, request);
}

function gather(world: World, rollout: Rollout, jobRun: JobRun): Deploy | null {
  const release = find(world.state.releases, ancestorOf(rollout.name, "releases"));
  const stage = stageOf(release.deliveryPipelineSnapshot, rollout.targetId);
  const target = release.targetSnapshots.find(({ targetId }) => targetId === rollout.targetId);
  const phase = stage && planPhases(stage).find(({ id }) => id === jobRun.phaseId);
  return stage === undefined || target === undefined || phase === undefined
    ? null
    : { release, stage, target, phase };
}

function toRequest(world: World, deploy: Deploy): DeployRequest | null {
  const type = customTypeOf(deploy.release, deploy.target);
  if (deploy.target.run !== undefined) {
    return toRunRequest(world, deploy);
  }
  return type !== undefined && isRunImageType(type) ? toImageRequest(deploy) : null;
}

function toRunRequest(world: World, { release, target, phase }: Deploy): DeployRequest {
  const key = `${release.name}/${target.targetId ?? ""}/${phase.id}`;
  const manifest = fromYaml(world.state.manifests.get(key) ?? "").find(isRunService);
  if (manifest === undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `There is no rendered Cloud Run service for phase ${phase.id}`,
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

/** The region is the pipeline's, whatever the environment's own is: the platform's action does so. */
function toImageRequest({ release, stage, target, phase }: Deploy): DeployRequest {
  const { project, service, image } = toRunImageDeploy(
    target.targetId ?? "",
    parametersOf(release, stage, target),
  );
  return {
    project,
    location: segmentOf(release.name, "locations") ?? "",
    manifest: {
      apiVersion: "serving.knative.dev/v1",
      kind: "Service",
      metadata: { name: service },
      spec: { template: { spec: { containers: [{ image }] } } },
    },
    percentage: phase.percentage,
    labels: {},
  };
}

function callRuntime(runtime: Runtime, request: DeployRequest): DeployOutcome {
  const name = isRecord(request.manifest) ? resourceName(request.manifest) : "";
  const service = `projects/${request.project}/locations/${request.location}/services/${name}`;
  if (request.percentage === 0) {
    return {
      kind: "failed",
      failureCause: "DEPLOY_FEATURE_NOT_SUPPORTED",
      message: "The emulator cannot deploy a revision without traffic",
    };
  }
  if (request.percentage < 100 && !runtime.hasService(service)) {
    return {
      kind: "failed",
      failureCause: "MISSING_RESOURCES_FOR_CANARY",
      message: `${service} does not exist, so it has no traffic to split`,
    };
  }
  const deployed = runtime.deploy(request);
  return {
    kind: "deployed",
    cloudRun: {
      service: deployed.service,
      serviceUrls: deployed.serviceUrls,
      revision: deployed.revision,
    },
  };
}

function labelsOf(manifest: Readonly<Record<string, unknown>>): Record<string, string> {
  const metadata = manifest["metadata"];
  const labels = isRecord(metadata) && isRecord(metadata["labels"]) ? metadata["labels"] : {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}
