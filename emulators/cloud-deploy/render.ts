import type {
  CustomTargetType,
  Release,
  Stage,
  Target,
  TargetArtifact,
  TargetRender,
  Texts,
} from "./configuration.ts";
import { type Files, unpack } from "./archive.ts";
import { renderRefusal } from "./as-account.ts";
import { isRunImageType, missingParameter } from "./custom-run-target.ts";
import { isRunJob, isRunService, renderManifests, resourceName, toYaml } from "./manifest.ts";
import { idOf, projectId, segmentOf, uuidOf } from "./names.ts";
import { parametersOf } from "./parameters.ts";
import { targetKind } from "./pipelines.ts";
import { readSkaffold, RenderError, type SkaffoldConfig } from "./skaffold.ts";
import { type PhasePlan, planPhases, STABLE } from "./strategy.ts";
import type { World } from "./world.ts";

/** What came of one target's render. */
export type TargetOutcome = {
  readonly targetId: string;
  readonly render: TargetRender;
  readonly artifact: TargetArtifact | null;
  /** The rendered manifests by phase. */
  readonly manifests: ReadonlyMap<string, string>;
  /** The script of the custom target's deploy action; empty for other targets. */
  readonly deployScript: string;
};

type TargetInput = {
  readonly release: Release;
  readonly stage: Stage;
  readonly target: Target;
  readonly files: Files;
  readonly projectId: string;
};

const MANAGED_BY = "google-cloud-deploy";

/**
 * Renders a release for every target of its pipeline, from what was frozen when it was created.
 * What goes wrong fails the render of the targets concerned; nothing is thrown.
 * Source: https://cloud.google.com/deploy/docs/skaffold-lifecycle
 */
export async function renderRelease(
  world: World,
  release: Release,
): Promise<readonly TargetOutcome[]> {
  const files = await readArchive(world, release);
  const filesFor = (target: Target): Files | RenderError => {
    const refusal = renderRefusal(world, target, release.skaffoldConfigUri ?? "");
    return refusal === null ? files : new RenderError("EXECUTION_FAILED", refusal);
  };
  const stages = release.deliveryPipelineSnapshot.serialPipeline?.stages ?? [];
  return stages.flatMap((stage) => {
    const target = release.targetSnapshots.find(({ targetId }) => targetId === stage.targetId);
    const project = projectId(world.state.projects, segmentOf(release.name, "projects") ?? "");
    return target === undefined
      ? []
      : [renderTarget(filesFor(target), { release, stage, target, projectId: project })];
  });
}

/** The build that renders a target. */
export function renderingBuild(release: Release, targetId: string): string {
  return `${release.name.split("/").slice(0, 4).join("/")}/builds/${uuidOf(`${release.uid} ${targetId}`)}`;
}

async function readArchive(world: World, release: Release): Promise<Files | RenderError> {
  const uri = release.skaffoldConfigUri ?? "";
  const archive = world.objects.read(uri);
  if (archive === null) {
    return new RenderError(
      "EXECUTION_FAILED",
      `Could not read the archive ${uri}: there is no such object`,
    );
  }
  try {
    return await unpack(archive);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return new RenderError("EXECUTION_FAILED", `${uri} is not a tar.gz archive: ${reason}`);
  }
}

function renderTarget(
  files: Files | RenderError,
  input: Omit<TargetInput, "files">,
): TargetOutcome {
  const targetId = input.target.targetId ?? "";
  const build = renderingBuild(input.release, targetId);
  try {
    if (files instanceof RenderError) {
      throw files;
    }
    return succeed({ ...input, files }, build);
  } catch (error) {
    if (!(error instanceof RenderError)) {
      throw error;
    }
    const render = {
      renderingBuild: build,
      renderingState: "FAILED",
      failureCause: error.failureCause,
      failureMessage: error.message,
    } as const;
    return { targetId, render, artifact: null, manifests: new Map(), deployScript: "" };
  }
}

function succeed(input: TargetInput, build: string): TargetOutcome {
  const { stage, target } = input;
  const targetId = target.targetId ?? "";
  checkStrategy(stage, target);
  const phases = planPhases(stage);
  const rendered = new Map(phases.map((phase) => [phase.id, renderPhase(input, phase)]));
  const service = [...rendered.values()].map((one) => one.service).find((one) => one !== "");
  return {
    targetId,
    render: {
      renderingBuild: build,
      renderingState: "SUCCEEDED",
      ...(service !== undefined && { metadata: { cloudRun: { service } } }),
    },
    artifact: artifactOf(input, phases),
    manifests: new Map([...rendered].map(([phaseId, { yaml }]) => [phaseId, yaml])),
    deployScript: [...rendered.values()].at(-1)?.deployScript ?? "",
  };
}

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines#cloudrunconfig */
function checkStrategy(stage: Stage, target: Target): void {
  const canary = stage.strategy?.canary;
  const isAutomatic = canary?.runtimeConfig?.cloudRun?.automaticTrafficControl === true;
  if (targetKind(target) === "run" && canary?.canaryDeployment !== undefined && !isAutomatic) {
    throw new RenderError(
      "DEPLOYMENT_STRATEGY_NOT_SUPPORTED",
      "A canary on Cloud Run needs runtimeConfig.cloudRun.automaticTrafficControl",
    );
  }
}

function renderPhase(
  input: TargetInput,
  phase: PhasePlan,
): { readonly yaml: string; readonly service: string; readonly deployScript: string } {
  const { release, stage, target, files } = input;
  const profiles = [...(stage.profiles ?? []), ...phase.profiles];
  const config = readSkaffold(files, release.skaffoldConfigPath, profiles);
  checkActions(config, phase);
  const parameters = parametersOf(release, stage, target);
  const type = customTypeOf(release, target);
  if (type !== undefined) {
    checkCustomTarget(config, type, parameters);
  }
  const deployScript = deployScriptOf(config, type);
  if (type?.customActions?.renderAction !== undefined) {
    return { yaml: "", service: "", deployScript };
  }
  const resources = renderResources(config, input, parameters);
  const service = targetKind(target) === "run" ? runServiceOf(resources, target) : "";
  return { yaml: toYaml(resources), service, deployScript };
}

function deployScriptOf(config: SkaffoldConfig, type: CustomTargetType | undefined): string {
  return config.customActions.get(type?.customActions?.deployAction ?? "") ?? "";
}

function renderResources(
  config: SkaffoldConfig,
  input: TargetInput,
  parameters: Texts,
): ReturnType<typeof renderManifests> {
  const resources = renderManifests(config.manifests, {
    parameters,
    buildArtifacts: input.release.buildArtifacts ?? [],
    labels: labelsOf(input),
  });
  if (resources.length === 0) {
    throw new RenderError(
      "EXECUTION_FAILED",
      "The skaffold configuration has no manifests to render",
    );
  }
  return resources;
}

function checkActions(config: SkaffoldConfig, phase: PhasePlan): void {
  if (phase.verify && !config.hasVerify) {
    throw new RenderError(
      "VERIFICATION_CONFIG_NOT_FOUND",
      "The skaffold configuration has no verify stanza",
    );
  }
  const actions = [...(phase.predeploy ?? []), ...(phase.postdeploy ?? [])];
  const missing = actions.find((action) => !config.customActions.has(action));
  if (missing !== undefined) {
    throw new RenderError(
      "CUSTOM_ACTION_NOT_FOUND",
      `The skaffold configuration has no custom action "${missing}"`,
    );
  }
}

function checkCustomTarget(
  config: SkaffoldConfig,
  type: CustomTargetType,
  parameters: Texts,
): void {
  const { renderAction, deployAction, includeSkaffoldModules } = type.customActions ?? {};
  // Actions of included modules are elsewhere, and the emulator does not fetch them.
  const actions = (includeSkaffoldModules ?? []).length > 0 ? [] : [renderAction, deployAction];
  const missing = actions.find(
    (action) => action !== undefined && !config.customActions.has(action),
  );
  if (missing !== undefined) {
    throw new RenderError(
      "CUSTOM_ACTION_NOT_FOUND",
      `The skaffold configuration has no custom action "${missing}"`,
    );
  }
  const parameter = isRunImageType(type) ? missingParameter(parameters) : undefined;
  if (parameter !== undefined) {
    throw new RenderError("EXECUTION_FAILED", `The deploy parameter "${parameter}" is missing`);
  }
}

/** The frozen custom target type of a target, or undefined when it is no custom target. */
export function customTypeOf(release: Release, target: Target): CustomTargetType | undefined {
  const typeId = idOf(target.customTarget?.customTargetType ?? "");
  return release.customTargetTypeSnapshots.find(({ name }) => idOf(name) === typeId);
}

function runServiceOf(
  resources: readonly Readonly<Record<string, unknown>>[],
  target: Target,
): string {
  const deployed = resources.filter((one) => isRunService(one) || isRunJob(one));
  const [only] = deployed;
  if (deployed.length !== 1 || only === undefined) {
    throw new RenderError(
      "EXECUTION_FAILED",
      `A Cloud Run target needs exactly one serving.knative.dev/v1 Service or run.googleapis.com/v1 Job, but there are ${deployed.length}`,
    );
  }
  return isRunJob(only) ? "" : `${target.run?.location ?? ""}/services/${resourceName(only)}`;
}

/** The labels that Cloud Deploy puts on what it renders. */
function labelsOf({ release, target, projectId: project }: TargetInput): Texts {
  const prefix = "deploy.cloud.google.com";
  return {
    "app.kubernetes.io/managed-by": MANAGED_BY,
    [`${prefix}/delivery-pipeline-id`]: segmentOf(release.name, "deliveryPipelines") ?? "",
    [`${prefix}/location`]: segmentOf(release.name, "locations") ?? "",
    [`${prefix}/project-id`]: project,
    [`${prefix}/release-id`]: idOf(release.name),
    [`${prefix}/target-id`]: target.targetId ?? "",
  };
}

/** The rendered files are kept by the emulator; the bucket that the URI names is not written. */
function artifactOf(input: TargetInput, phases: readonly PhasePlan[]): TargetArtifact {
  const phaseArtifacts: Record<string, TargetArtifact["phaseArtifacts"][string]> = {};
  for (const { id } of phases) {
    phaseArtifacts[id] = artifactPaths(id);
  }
  const last = phases.at(-1)?.id ?? STABLE;
  return { artifactUri: artifactUri(input), ...artifactPaths(last), phaseArtifacts };
}

function artifactPaths(phaseId: string): TargetArtifact["phaseArtifacts"][string] {
  return {
    skaffoldConfigPath: `${phaseId}/skaffold.yaml`,
    manifestPath: `${phaseId}/manifest.yaml`,
  };
}

function artifactUri({ release, target, projectId: project }: TargetInput): string {
  const config = target.executionConfigs?.find(({ usages = [] }) => usages.includes("RENDER"));
  const location = segmentOf(release.name, "locations") ?? "";
  const storage = `gs://${location}.deploy-artifacts.${project}.appspot.com`;
  const pipeline = release.deliveryPipelineSnapshot;
  const folders = [pipeline, release].map(({ name, uid }) => `${idOf(name)}-${uid}`);
  return [config?.artifactStorage ?? storage, ...folders, target.targetId ?? ""].join("/");
}
