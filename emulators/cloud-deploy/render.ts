import { idOf } from "../kit/collection-names.ts";
import { stringify } from "yaml";
import { toGoogleError } from "../kit/google-error.ts";
import { type Files, readArchive } from "./archive.ts";
import { checkAccount, needsOfRender } from "./as-account.ts";
import { knownScript, variablesOf } from "./custom-action.ts";
import { isDeployed, labelled, type Manifest, resourcesIn, withoutVersion } from "./manifest.ts";
import { projectId, segmentOf } from "./names.ts";
import type {
  CustomTargetType,
  Release,
  Rendered,
  Stage,
  Target,
  TargetRender,
  Texts,
} from "./resources.ts";
import { readSkaffold, refuse, type SkaffoldConfig } from "./skaffold.ts";
import type { World } from "./world.ts";

/** What came of one target's render. */
export type TargetOutcome = {
  readonly targetId: string;
  readonly render: TargetRender;
  readonly rendered: Rendered;
};

const NOTHING: Rendered = { manifest: "", script: "", variables: {} };

/**
 * Renders a release for every target of its pipeline, from what was frozen when it was created.
 * What goes wrong fails the render of the targets concerned; nothing is thrown.
 * Source: https://cloud.google.com/deploy/docs/skaffold-lifecycle
 */
export async function renderRelease(
  world: World,
  release: Release,
): Promise<readonly TargetOutcome[]> {
  const { skaffoldConfigUri: uri = "", targetSnapshots } = release;
  const reading = readArchive(world.objects, uri);
  const service = "storage.googleapis.com";
  return Promise.all(
    targetSnapshots.map(async (target): Promise<TargetOutcome> => {
      const { targetId } = target;
      try {
        const files = await reading;
        checkAccount(world, target, { usage: "RENDER", needed: needsOfRender(uri), service });
        const rendered = render(files, release, {
          target,
          labels: labelsOf(world, release, targetId),
        });
        return { targetId, render: { renderingState: "SUCCEEDED" }, rendered };
      } catch (error) {
        const { message: failureMessage } = toGoogleError(error);
        const failureCause = "EXECUTION_FAILED";
        const failure = { renderingState: "FAILED", failureCause, failureMessage } as const;
        return { targetId, render: failure, rendered: NOTHING };
      }
    }),
  );
}

function render(
  files: Files,
  release: Release,
  { target, labels }: { readonly target: Target; readonly labels: Texts },
): Rendered {
  const stage = stageOf(release, target);
  checkStrategy(stage, target);
  const config = readSkaffold(files, release, stage);
  const type = typeOf(release, target);
  // A render action of its own writes what only its deploy action reads.
  const hasManifests = type?.customActions?.renderAction === undefined;
  return {
    manifest: hasManifests ? manifestOf(config, release, { target, labels }) : "",
    script: type === undefined ? "" : scriptOf(config, type),
    variables: variablesOf(release, stage, target),
  };
}

function stageOf({ deliveryPipelineSnapshot }: Release, { targetId }: Target): Stage {
  const { stages = [] } = deliveryPipelineSnapshot.serialPipeline ?? {};
  return stages.find((stage) => stage.targetId === targetId) ?? {};
}

/** The frozen custom target type of a target, or undefined when it is no custom target. */
function typeOf(release: Release, { customTarget }: Target): CustomTargetType | undefined {
  const typeId = idOf(customTarget?.customTargetType ?? "");
  return release.customTargetTypeSnapshots.find(({ name }) => idOf(name) === typeId);
}

function manifestOf(
  { manifests }: SkaffoldConfig,
  { buildArtifacts = [] }: Release,
  { target, labels }: { readonly target: Target; readonly labels: Texts },
): string {
  const artifacts = new Map(
    buildArtifacts.map(({ image = "", tag = "" }) => [withoutVersion(image), tag]),
  );
  const resources = manifests.flatMap(([path, text]) => resourcesIn(path, text, artifacts));
  checkResources(resources, target);
  return resources.map((one) => stringify(labelled(one, labels))).join("---\n");
}

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines#cloudrunconfig */
function checkStrategy({ strategy }: Stage, { run }: Target): void {
  const canary = strategy?.canary;
  const isAutomatic = canary?.runtimeConfig?.cloudRun?.automaticTrafficControl === true;
  if (run !== undefined && canary !== undefined && !isAutomatic) {
    refuse("A canary on Cloud Run needs runtimeConfig.cloudRun.automaticTrafficControl");
  }
}

/** The script of a custom target's deploy action, once its actions were found; empty when it has none. */
function scriptOf({ customActions }: SkaffoldConfig, type: CustomTargetType): string {
  const { renderAction, deployAction = "" } = type.customActions ?? {};
  const missing = [renderAction, deployAction].find(
    (action) => action !== undefined && !customActions.has(action),
  );
  if (missing !== undefined) {
    refuse(`The skaffold configuration has no custom action "${missing}"`);
  }
  return knownScript(type) ?? customActions.get(deployAction) ?? "";
}

function checkResources(resources: readonly Manifest[], { run }: Target): void {
  if (resources.length === 0) {
    refuse("The skaffold configuration has no manifests to render");
  }
  const deployed = resources.filter(isDeployed).length;
  if (run !== undefined && deployed !== 1) {
    refuse(
      `A Cloud Run target needs exactly one serving.knative.dev/v1 Service or run.googleapis.com/v1 Job, but there are ${deployed}`,
    );
  }
}

/** The labels that Cloud Deploy puts on what it renders. */
function labelsOf({ projects }: World, { name }: Release, targetId: string): Texts {
  const prefix = "deploy.cloud.google.com";
  return {
    "app.kubernetes.io/managed-by": "google-cloud-deploy",
    [`${prefix}/delivery-pipeline-id`]: segmentOf(name, "deliveryPipelines") ?? "",
    [`${prefix}/location`]: segmentOf(name, "locations") ?? "",
    [`${prefix}/project-id`]: projectId(projects, segmentOf(name, "projects") ?? ""),
    [`${prefix}/release-id`]: idOf(name),
    [`${prefix}/target-id`]: targetId,
  };
}
