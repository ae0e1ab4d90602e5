import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { checkId, checkUserFields, required, requiredText } from "./checks.ts";
import type {
  BuildArtifact,
  CustomTargetType,
  DeliveryPipeline,
  Draft,
  Release,
  Target,
  TargetRender,
} from "./configuration.ts";
import { mutate, type MutationRequest, type Plan } from "./mutation.ts";
import { ancestorOf, canonicalName, idOf, locationOf } from "./names.ts";
import { notifyRender, notifyResource } from "./notify.ts";
import { targetKind, targetName } from "./pipelines.ts";
import { renderingBuild } from "./render.ts";
import { DEFAULT_SKAFFOLD_VERSION, SKAFFOLD_VERSIONS } from "./skaffold-versions.ts";
import { find, newResource, put, scheduleIn, timestamp, type World } from "./world.ts";

/** The request of CreateRelease. */
export type CreateReleaseRequest = MutationRequest & {
  readonly parent?: string;
  readonly releaseId?: string;
  readonly release?: Draft<Release>;
};

type NewRelease = {
  readonly name: string;
  readonly draft: Draft<Release>;
  readonly pipeline: DeliveryPipeline;
  readonly targets: readonly Target[];
  readonly types: readonly CustomTargetType[];
};

/**
 * Creates a release: freezes the pipeline, its targets and their custom target types, and begins to
 * render. The operation is over before the render is.
 * Source: https://cloud.google.com/deploy/docs/pipeline-instances
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION
 */
export function createRelease(world: World, request: CreateReleaseRequest): Operation {
  return mutate(world, { method: "CreateRelease", request }, () => {
    const id = checkId(request.releaseId, "release_id");
    const name = canonicalName(world.state.projects, `${request.parent ?? ""}/releases/${id}`);
    return planRelease(world, name, required(request.release, "release"));
  });
}

/** Abandons a release for good. Doing it again changes nothing. @throws GoogleError NOT_FOUND */
export function abandonRelease(world: World, request: { readonly name?: string }): object {
  const release = find(world.state.releases, canonicalName(world.state.projects, request.name));
  if (release.abandoned !== true) {
    put(world.state.releases, { ...release, abandoned: true });
    notifyResource(world, "Update", { type: "Release", name: release.name });
  }
  return {};
}

/** Refuses what a suspended pipeline blocks. Source: https://cloud.google.com/deploy/docs/suspend-pipeline @throws GoogleError FAILED_PRECONDITION */
export function checkNotSuspended(pipeline: DeliveryPipeline): void {
  if (pipeline.suspended === true) {
    throw googleError("FAILED_PRECONDITION", `DeliveryPipeline '${pipeline.name}' is suspended`);
  }
}

function planRelease(world: World, name: string, draft: Draft<Release>): Plan {
  const pipeline = find(world.state.pipelines, ancestorOf(name, "deliveryPipelines"));
  checkUserFields(draft);
  checkRelease(draft);
  if (world.state.releases.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  checkNotSuspended(pipeline);
  const targets = findTargets(world, pipeline);
  const types = findTypes(world, targets);
  return {
    target: name,
    verb: "create",
    responseType: "google.cloud.deploy.v1.Release",
    preview: { ...callersFields(draft), name },
    commit: () => commitRelease(world, { name, draft, pipeline, targets, types }),
  };
}

function checkRelease(draft: Draft<Release>): void {
  const uri = requiredText(draft.skaffoldConfigUri, "release.skaffold_config_uri");
  if (!/^gs:\/\/[^/]+\/.+$/.test(uri)) {
    throw badRequest(
      "release.skaffold_config_uri",
      `skaffold_config_uri must be gs://bucket/object, but is "${uri}"`,
    );
  }
  const version = draft.skaffoldVersion ?? "";
  if (version !== "" && !SKAFFOLD_VERSIONS.includes(version)) {
    throw badRequest("release.skaffold_version", `Skaffold version "${version}" is not supported`);
  }
  checkArtifacts(draft.buildArtifacts ?? []);
}

function checkArtifacts(artifacts: readonly BuildArtifact[]): void {
  if (artifacts.some(({ image = "", tag = "" }) => image === "" || tag === "")) {
    throw badRequest("release.build_artifacts", "A build artifact needs an image and a tag");
  }
}

function findTargets(world: World, pipeline: DeliveryPipeline): readonly Target[] {
  const names = (pipeline.serialPipeline?.stages ?? []).map((stage) =>
    targetName(pipeline.name, stage),
  );
  const missing = names.filter((name) => !world.state.targets.has(name));
  if (names.length === 0 || missing.length > 0) {
    throw googleError(
      "FAILED_PRECONDITION",
      names.length === 0
        ? `DeliveryPipeline '${pipeline.name}' has no stages`
        : `DeliveryPipeline '${pipeline.name}' has targets that do not exist: ${missing.map(idOf).join(", ")}`,
    );
  }
  const targets = names.flatMap((name) => world.state.targets.get(name) ?? []);
  const multi = targets.find((target) => targetKind(target) === "multi");
  if (multi !== undefined) {
    throw googleError(
      "UNIMPLEMENTED",
      `The emulator does not deploy to multi-targets: '${multi.name}'`,
    );
  }
  return targets;
}

function findTypes(world: World, targets: readonly Target[]): readonly CustomTargetType[] {
  const names = targets.flatMap(({ customTarget }) =>
    customTarget === undefined
      ? []
      : [canonicalName(world.state.projects, customTarget.customTargetType)],
  );
  return [...new Set(names)].map((name) => {
    const type = world.state.customTargetTypes.get(name);
    if (type === undefined) {
      throw googleError("FAILED_PRECONDITION", `CustomTargetType '${name}' does not exist`);
    }
    return type;
  });
}

function commitRelease(
  world: World,
  { name, draft, pipeline, targets, types }: NewRelease,
): Release {
  const base = newResource(world, name);
  const begun: Release = {
    ...callersFields(draft),
    ...base,
    skaffoldConfigPath: draft.skaffoldConfigPath ?? "skaffold.yaml",
    skaffoldVersion: draft.skaffoldVersion ?? DEFAULT_SKAFFOLD_VERSION,
    deliveryPipelineSnapshot: pipeline,
    targetSnapshots: targets,
    customTargetTypeSnapshots: types,
    renderState: "IN_PROGRESS",
    renderStartTime: timestamp(world),
    targetRenders: {},
    targetArtifacts: {},
    condition: {
      releaseReadyCondition: { status: true },
      skaffoldSupportedCondition: {
        status: true,
        skaffoldSupportState: "SKAFFOLD_SUPPORT_STATE_SUPPORTED",
      },
    },
  };
  const targetRenders = targets.map(({ targetId = "" }): [string, TargetRender] => [
    targetId,
    { renderingBuild: renderingBuild(begun, targetId), renderingState: "IN_PROGRESS" },
  ]);
  const created = put(world.state.releases, {
    ...begun,
    targetRenders: Object.fromEntries(targetRenders),
  });
  notifyResource(world, "Create", { type: "Release", name: created.name });
  notifyRender(world, "Start", created);
  scheduleIn(world, world.timings.renderMs, { kind: "render", name: created.name });
  return created;
}

function callersFields(draft: Draft<Release>): Draft<Release> {
  const { description, labels, annotations, skaffoldConfigUri, buildArtifacts, deployParameters } =
    draft;
  return {
    ...(description !== undefined && { description }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...(skaffoldConfigUri !== undefined && { skaffoldConfigUri }),
    ...(buildArtifacts !== undefined && { buildArtifacts }),
    ...(deployParameters !== undefined && { deployParameters }),
  };
}

/** What GetConfig answers for a location. */
export function configOf(world: World, request: { readonly name?: string }): object {
  const parent = canonicalName(world.state.projects, (request.name ?? "").replace(/\/config$/, ""));
  return {
    name: `${locationOf(parent)}/config`,
    supportedVersions: SKAFFOLD_VERSIONS.map((version) => ({ version })),
    defaultSkaffoldVersion: DEFAULT_SKAFFOLD_VERSION,
  };
}
