import { idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import { canonicalName, locationOf } from "./names.ts";
import { notify } from "./notify.ts";
import { checkNotSuspended } from "./rollouts.ts";
import type {
  CustomTargetType,
  DeliveryPipeline,
  Release,
  ReleaseDraft,
  Target,
} from "./resources.ts";
import { SKAFFOLD_VERSIONS } from "./said.ts";
import { endIn, timestamp, type World } from "./world.ts";

const [, DEFAULT_SKAFFOLD_VERSION] = SKAFFOLD_VERSIONS;

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
  notify(world, "operations Start", { name });
  endIn(world, world.timings.renderMs, name);
}

/** What GetConfig answers for a location. */
export function configOf({ name = "" }: { readonly name?: string }): object {
  return {
    name: `${locationOf(name)}/config`,
    supportedVersions: SKAFFOLD_VERSIONS.map((version) => ({ version })),
    defaultSkaffoldVersion: DEFAULT_SKAFFOLD_VERSION,
  };
}

function findTargets({ targets }: World, pipeline: DeliveryPipeline): readonly Target[] {
  const stages = pipeline.serialPipeline?.stages ?? [];
  if (stages.length === 0) {
    throw googleError("FAILED_PRECONDITION", `DeliveryPipeline '${pipeline.name}' has no stages`);
  }
  return stages.map(({ targetId = "" }) =>
    existing(targets.records, `${locationOf(pipeline.name)}/targets/${targetId}`),
  );
}

function findTypes(
  { projects, customTargetTypes }: World,
  targets: readonly Target[],
): readonly CustomTargetType[] {
  const names = targets.flatMap(({ customTarget }) => customTarget?.customTargetType ?? []);
  return [...new Set(names.map((name) => canonicalName(projects, name)))].map((name) =>
    existing(customTargetTypes.records, name),
  );
}

function existing<Kind>(records: ReadonlyMap<string, Kind>, name: string): Kind {
  const found = records.get(name);
  if (found === undefined) {
    throw googleError("FAILED_PRECONDITION", `'${idOf(name)}' does not exist: ${name}`);
  }
  return found;
}
