import { badRequest, googleError } from "../kit/google-error.ts";
import { checkUserFields, requiredText } from "./checks.ts";
import { canonicalName, idOf, locationOf } from "./names.ts";
import { notifyOperation } from "./notify.ts";
import { checkNotSuspended, targetName } from "./pipelines.ts";
import type {
  CustomTargetType,
  DeliveryPipeline,
  Release,
  ReleaseDraft,
  Target,
} from "./resources.ts";
import { scheduleIn, timestamp, type World } from "./world.ts";

/**
 * The Skaffold versions a release may ask for. Which ones the service supports changes over time.
 * Source: https://cloud.google.com/deploy/docs/using-skaffold/select-skaffold
 */
const SKAFFOLD_VERSIONS: readonly string[] = ["2.14", "2.16"];
const DEFAULT_SKAFFOLD_VERSION = "2.16";

/**
 * What a new release freezes: the pipeline, its targets and their custom target types.
 * Source: https://cloud.google.com/deploy/docs/pipeline-instances
 * @throws GoogleError FAILED_PRECONDITION
 */
export function frozen(
  world: World,
  pipeline: DeliveryPipeline,
  draft: ReleaseDraft,
): Omit<Release, "name"> {
  checkNotSuspended(pipeline);
  const targets = findTargets(world, pipeline);
  return {
    skaffoldConfigPath: draft.skaffoldConfigPath ?? "skaffold.yaml",
    skaffoldVersion: draft.skaffoldVersion ?? DEFAULT_SKAFFOLD_VERSION,
    deliveryPipelineSnapshot: pipeline,
    targetSnapshots: targets,
    customTargetTypeSnapshots: findTypes(world, targets),
    renderState: "IN_PROGRESS",
    renderStartTime: timestamp(world),
    hidden: { rendered: {} },
  };
}

/** Begins to render a new release, whose operation is over before the render is. */
export function startRender(world: World, name: string): void {
  notifyOperation(world, "Start", { type: "Release", name });
  scheduleIn(world, world.timings.renderMs, { kind: "render", name });
}

/** What GetConfig answers for a location. */
export function configOf({ name = "" }: { readonly name?: string }): object {
  return {
    name: `${locationOf(name)}/config`,
    supportedVersions: SKAFFOLD_VERSIONS.map((version) => ({ version })),
    defaultSkaffoldVersion: DEFAULT_SKAFFOLD_VERSION,
  };
}

/** Checks what is said of a release. @throws GoogleError INVALID_ARGUMENT */
export function checkRelease(draft: ReleaseDraft): void {
  checkUserFields(draft);
  const uri = requiredText(draft.skaffoldConfigUri, "release.skaffold_config_uri");
  if (!/^gs:\/\/[^/]+\/.+$/.test(uri)) {
    throw badRequest(
      "release.skaffold_config_uri",
      `skaffold_config_uri must be gs://bucket/object, but is "${uri}"`,
    );
  }
  const { skaffoldVersion = DEFAULT_SKAFFOLD_VERSION, buildArtifacts = [] } = draft;
  if (!SKAFFOLD_VERSIONS.includes(skaffoldVersion)) {
    throw badRequest(
      "release.skaffold_version",
      `Skaffold version "${skaffoldVersion}" is not supported`,
    );
  }
  if (buildArtifacts.some(({ image = "", tag = "" }) => image === "" || tag === "")) {
    throw badRequest("release.build_artifacts", "A build artifact needs an image and a tag");
  }
}

function findTargets({ targets }: World, pipeline: DeliveryPipeline): readonly Target[] {
  const stages = pipeline.serialPipeline?.stages ?? [];
  const names = stages.map((stage) => targetName(pipeline.name, stage));
  const missing = names.filter((name) => !targets.records.has(name)).map(idOf);
  if (names.length === 0 || missing.length > 0) {
    const lack =
      names.length === 0 ? "no stages" : `targets that do not exist: ${missing.join(", ")}`;
    throw googleError("FAILED_PRECONDITION", `DeliveryPipeline '${pipeline.name}' has ${lack}`);
  }
  return names.map((name) => targets.find(name));
}

function findTypes(
  { projects, customTargetTypes }: World,
  targets: readonly Target[],
): readonly CustomTargetType[] {
  const names = targets.flatMap(({ customTarget }) =>
    customTarget === undefined
      ? []
      : [canonicalName(projects, customTarget.customTargetType ?? "")],
  );
  return [...new Set(names)].map((name) => {
    const type = customTargetTypes.records.get(name);
    if (type === undefined) {
      throw googleError("FAILED_PRECONDITION", `CustomTargetType '${name}' does not exist`);
    }
    return type;
  });
}
