import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { checkId, checkUserFields, required, requiredText } from "./checks.ts";
import type { Draft, Release } from "./configuration.ts";
import { mutate, type MutationRequest, type Plan } from "./mutation.ts";
import { ancestorOf, canonicalName } from "./names.ts";
import { notifyResource, rolloutSubject } from "./notify.ts";
import { admit, startAt } from "./progress.ts";
import { checkNotSuspended } from "./releases.ts";
import type { Rollout } from "./rollout.ts";
import { newPhase, planPhases, stageOf } from "./strategy.ts";
import { find, newResource, put, type World } from "./world.ts";

/** The request of CreateRollout. */
export type CreateRolloutRequest = MutationRequest & {
  readonly parent?: string;
  readonly rolloutId?: string;
  readonly rollout?: Draft<Rollout>;
  readonly startingPhaseId?: string;
};

/** A rollout to make, checked. */
export type NewRollout = {
  readonly name: string;
  readonly draft: Draft<Rollout>;
  readonly startingPhaseId: string | undefined;
  readonly rollbackOfRollout?: string;
};

/**
 * Creates a rollout of a release to one target of its pipeline.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION
 */
export function createRollout(world: World, request: CreateRolloutRequest): Operation {
  return mutate(world, { method: "CreateRollout", request }, (): Plan => {
    const id = checkId(request.rolloutId, "rollout_id");
    const name = canonicalName(world.state.projects, `${request.parent ?? ""}/rollouts/${id}`);
    const draft = required(request.rollout, "rollout");
    const wanted = { name, draft, startingPhaseId: request.startingPhaseId };
    const preview = checkRollout(world, wanted);
    return {
      target: name,
      verb: "create",
      responseType: "google.cloud.deploy.v1.Rollout",
      preview,
      commit: () => commitRollout(world, wanted),
    };
  });
}

/**
 * Refuses what cannot be rolled out, and returns what it would become.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION
 */
export function checkRollout(
  world: World,
  { name, draft, startingPhaseId }: NewRollout,
): Draft<Rollout> {
  const pipeline = find(world.state.pipelines, ancestorOf(name, "deliveryPipelines"));
  const release = find(world.state.releases, ancestorOf(name, "releases"));
  checkUserFields(draft);
  const targetId = requiredText(draft.targetId, "rollout.target_id");
  const stage = stageOf(release.deliveryPipelineSnapshot, targetId);
  if (stage === undefined) {
    throw badRequest(
      "rollout.target_id",
      `Target "${targetId}" is not in the pipeline of the release`,
    );
  }
  const isPhase = planPhases(stage).some(({ id }) => id === startingPhaseId);
  if (startingPhaseId !== undefined && startingPhaseId !== "" && !isPhase) {
    throw badRequest(
      "starting_phase_id",
      `A rollout to "${targetId}" has no phase "${startingPhaseId}"`,
    );
  }
  if (world.state.rollouts.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  checkNotSuspended(pipeline);
  checkUsable(release);
  return { ...callersFields(draft), name, targetId };
}

/** Makes a rollout that was checked, and lets it go as far as it can at once. */
export function commitRollout(world: World, wanted: NewRollout): Rollout {
  const { name, draft, startingPhaseId, rollbackOfRollout } = wanted;
  const release = find(world.state.releases, ancestorOf(name, "releases"));
  const targetId = draft.targetId ?? "";
  const target = release.targetSnapshots.find((one) => one.targetId === targetId);
  const needsApproval = target?.requireApproval === true;
  const isRendered = release.renderState === "SUCCEEDED";
  const stage = stageOf(release.deliveryPipelineSnapshot, targetId);
  const begun: Rollout = {
    ...callersFields(draft),
    ...newResource(world, name),
    targetId,
    state: isRendered ? firstState(needsApproval) : "PENDING_RELEASE",
    approvalState: needsApproval ? "NEEDS_APPROVAL" : "DOES_NOT_NEED_APPROVAL",
    phases: stage === undefined ? [] : planPhases(stage).map(newPhase),
    ...(rollbackOfRollout !== undefined && { rollbackOfRollout }),
  };
  const isLater = startingPhaseId !== undefined && startingPhaseId !== "";
  const created = put(world.state.rollouts, isLater ? startAt(begun, startingPhaseId) : begun);
  notifyResource(world, "Create", rolloutSubject(created));
  if (isRendered) {
    admit(world, created);
  }
  return find(world.state.rollouts, name);
}

function firstState(needsApproval: boolean): "PENDING_APPROVAL" | "PENDING" {
  return needsApproval ? "PENDING_APPROVAL" : "PENDING";
}

/** Source: https://cloud.google.com/deploy/docs/abandon-release */
function checkUsable(release: Release): void {
  if (release.abandoned === true) {
    throw googleError("FAILED_PRECONDITION", `Release '${release.name}' is abandoned`);
  }
  if (release.renderState === "FAILED") {
    throw googleError("FAILED_PRECONDITION", `Release '${release.name}' failed to render`);
  }
}

function callersFields({ description, labels, annotations }: Draft<Rollout>): Draft<Rollout> {
  return {
    ...(description !== undefined && { description }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  };
}
