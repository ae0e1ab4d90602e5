import { type Files, unpack } from "./archive.ts";
import { renderRefusal } from "./as-account.ts";
import { isPlatformType, missingParameter, parametersOf } from "./custom-target.ts";
import { isRunJob, isRunService, renderManifests, toYaml } from "./manifest.ts";
import { idOf, projectId, segmentOf } from "./names.ts";
import type {
  CustomTargetType,
  Release,
  Rendered,
  Stage,
  Target,
  TargetRender,
  Texts,
} from "./resources.ts";
import { readSkaffold, RenderError, type SkaffoldConfig } from "./skaffold.ts";
import type { World } from "./world.ts";

/** What came of one target's render. */
export type TargetOutcome = {
  readonly targetId: string;
  readonly render: TargetRender;
  readonly rendered: Rendered;
};

type TargetInput = {
  readonly release: Release;
  readonly stage: Stage;
  readonly target: Target;
  readonly project: string;
};

const NOTHING: Rendered = { manifest: "", script: "" };

/**
 * Renders a release for every target of its pipeline, from what was frozen when it was created.
 * What goes wrong fails the render of the targets concerned; nothing is thrown.
 * Source: https://cloud.google.com/deploy/docs/skaffold-lifecycle
 */
export async function renderRelease(
  world: World,
  release: Release,
): Promise<readonly TargetOutcome[]> {
  const uri = release.skaffoldConfigUri ?? "";
  const files = await readArchive(world, uri);
  const stages = release.deliveryPipelineSnapshot.serialPipeline?.stages ?? [];
  const project = projectId(world.projects, segmentOf(release.name, "projects") ?? "");
  return stages.flatMap((stage): readonly TargetOutcome[] => {
    const target = release.targetSnapshots.find(({ targetId }) => targetId === stage.targetId);
    if (target === undefined) {
      return [];
    }
    const refusal = renderRefusal(world, target, uri);
    const readable = refusal === null ? files : new RenderError("EXECUTION_FAILED", refusal);
    return [renderTarget(readable, { release, stage, target, project })];
  });
}

/** The frozen custom target type of a target, or undefined when it is no custom target. */
export function customTypeOf(release: Release, target: Target): CustomTargetType | undefined {
  const typeId = idOf(target.customTarget?.customTargetType ?? "");
  return release.customTargetTypeSnapshots.find(({ name }) => idOf(name) === typeId);
}

async function readArchive(world: World, uri: string): Promise<Files | RenderError> {
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

function renderTarget(files: Files | RenderError, input: TargetInput): TargetOutcome {
  const { targetId } = input.target;
  try {
    if (files instanceof RenderError) {
      throw files;
    }
    const rendered = render(files, input);
    return { targetId, render: { renderingState: "SUCCEEDED" }, rendered };
  } catch (error) {
    if (!(error instanceof RenderError)) {
      throw error;
    }
    const { failureCause, message: failureMessage } = error;
    const failure = { renderingState: "FAILED", failureCause, failureMessage } as const;
    return { targetId, render: failure, rendered: NOTHING };
  }
}

function render(files: Files, input: TargetInput): Rendered {
  const { release, stage, target } = input;
  checkStrategy(stage, target);
  const config = readSkaffold(files, release, stage.profiles ?? []);
  const type = customTypeOf(release, target);
  // A render action of its own writes what only its deploy action reads.
  const hasManifests = type?.customActions?.renderAction === undefined;
  return {
    script: type === undefined ? "" : actionOf(config, type, input),
    manifest: hasManifests ? renderResources(config, input) : "",
  };
}

function renderResources({ manifests }: SkaffoldConfig, input: TargetInput): string {
  const { buildArtifacts = [] } = input.release;
  const resources = renderManifests(manifests, { buildArtifacts, labels: labelsOf(input) });
  checkResources(resources, input.target);
  return toYaml(resources);
}

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines#cloudrunconfig */
function checkStrategy({ strategy }: Stage, { run }: Target): void {
  const canary = strategy?.canary;
  const isAutomatic = canary?.runtimeConfig?.cloudRun?.automaticTrafficControl === true;
  if (run !== undefined && canary !== undefined && !isAutomatic) {
    throw new RenderError(
      "DEPLOYMENT_STRATEGY_NOT_SUPPORTED",
      "A canary on Cloud Run needs runtimeConfig.cloudRun.automaticTrafficControl",
    );
  }
}

/** The script of a custom target's deploy action, once its actions and parameters were found; empty when it has none. */
function actionOf(
  { customActions }: SkaffoldConfig,
  type: CustomTargetType,
  { release, stage, target }: TargetInput,
): string {
  const { renderAction, deployAction = "" } = type.customActions ?? {};
  const missing = [renderAction, deployAction].find(
    (action) => action !== undefined && !customActions.has(action),
  );
  if (missing !== undefined) {
    throw new RenderError(
      "CUSTOM_ACTION_NOT_FOUND",
      `The skaffold configuration has no custom action "${missing}"`,
    );
  }
  const parameters = parametersOf(release, stage, target);
  const parameter = isPlatformType(type) ? missingParameter(parameters) : undefined;
  if (parameter !== undefined) {
    throw new RenderError("EXECUTION_FAILED", `The deploy parameter "${parameter}" is missing`);
  }
  return customActions.get(deployAction) ?? "";
}

function checkResources(
  resources: readonly Readonly<Record<string, unknown>>[],
  { run }: Target,
): void {
  if (resources.length === 0) {
    throw new RenderError(
      "EXECUTION_FAILED",
      "The skaffold configuration has no manifests to render",
    );
  }
  const deployed = resources.filter((one) => isRunService(one) || isRunJob(one)).length;
  if (run !== undefined && deployed !== 1) {
    throw new RenderError(
      "EXECUTION_FAILED",
      `A Cloud Run target needs exactly one serving.knative.dev/v1 Service or run.googleapis.com/v1 Job, but there are ${deployed}`,
    );
  }
}

/** The labels that Cloud Deploy puts on what it renders. */
function labelsOf({ release, target, project }: TargetInput): Texts {
  const prefix = "deploy.cloud.google.com";
  return {
    "app.kubernetes.io/managed-by": "google-cloud-deploy",
    [`${prefix}/delivery-pipeline-id`]: segmentOf(release.name, "deliveryPipelines") ?? "",
    [`${prefix}/location`]: segmentOf(release.name, "locations") ?? "",
    [`${prefix}/project-id`]: project,
    [`${prefix}/release-id`]: idOf(release.name),
    [`${prefix}/target-id`]: target.targetId,
  };
}
