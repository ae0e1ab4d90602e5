import { textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { ancestorOf } from "./names.ts";
import { closePhases, newPhases } from "./phases.ts";
import { admit } from "./progress.ts";
import type { DeliveryPipeline, Phase, Release, Rollout } from "./resources.ts";
import type { World } from "./world.ts";

const STARTED_LATER = "The rollout started at a later phase";

/** How a new rollout begins. @throws GoogleError INVALID_ARGUMENT, FAILED_PRECONDITION */
export function planned(
  { pipelines }: World,
  release: Release,
  { draft, request }: { readonly draft: { readonly targetId?: string }; readonly request: Message },
): Omit<Rollout, "name"> {
  const { targetId = "" } = draft;
  const phases = phasesFor(release, targetId, textAt(request, "startingPhaseId"));
  checkNotSuspended(pipelines.find(ancestorOf(release.name, "deliveryPipelines")));
  if (release.renderState === "FAILED") {
    throw googleError("FAILED_PRECONDITION", `Release '${release.name}' failed to render`);
  }
  const target = release.targetSnapshots.find((one) => one.targetId === targetId);
  const needsApproval = target?.requireApproval === true;
  const first = needsApproval ? "PENDING_APPROVAL" : "PENDING";
  return {
    targetId,
    state: release.renderState === "SUCCEEDED" ? first : "PENDING_RELEASE",
    approvalState: needsApproval ? "NEEDS_APPROVAL" : "DOES_NOT_NEED_APPROVAL",
    phases,
  };
}

/** Lets a new rollout go as far as it can at once. */
export function startRollout(world: World, name: string): void {
  const rollout = world.rollouts.find(name);
  if (rollout.state !== "PENDING_RELEASE") {
    admit(world, rollout);
  }
}

/** Refuses what a suspended pipeline blocks. Source: https://cloud.google.com/deploy/docs/suspend-pipeline @throws GoogleError FAILED_PRECONDITION */
export function checkNotSuspended(pipeline: DeliveryPipeline): void {
  if (pipeline.suspended === true) {
    throw googleError("FAILED_PRECONDITION", `DeliveryPipeline '${pipeline.name}' is suspended`);
  }
}

/** The phases of a new rollout; those before the one where it is to start are skipped. */
function phasesFor(release: Release, targetId: string, start: string): readonly Phase[] {
  const { stages = [] } = release.deliveryPipelineSnapshot.serialPipeline ?? {};
  const stage = stages.find((one) => one.targetId === targetId);
  if (stage === undefined) {
    throw badRequest("rollout.target_id", `Target "${targetId}" is not in the release's pipeline`);
  }
  const phases = newPhases(stage);
  const at = phases.findIndex(({ id }) => id === start);
  if (start !== "" && at === -1) {
    throw badRequest("starting_phase_id", `A rollout to "${targetId}" has no phase "${start}"`);
  }
  return closePhases(phases, { state: "SKIPPED", skipMessage: STARTED_LATER }, at);
}
