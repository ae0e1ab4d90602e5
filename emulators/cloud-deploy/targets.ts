import { badRequest } from "../kit/google-error.ts";
import { requiredText } from "./checks.ts";
import type { CustomTargetType, Draft, Target } from "./configuration.ts";
import { checkExecution } from "./execution.ts";

const RUN_LOCATION = /^projects\/[^/]+\/locations\/[^/]+$/;
const CUSTOM_TARGET_TYPE = /^projects\/[^/]+\/locations\/[^/]+\/customTargetTypes\/[^/]+$/;

/** Checks what the caller says about a target. @throws GoogleError INVALID_ARGUMENT */
export function checkTarget(draft: Draft<Target>): void {
  const places = [draft.gke, draft.anthosCluster, draft.run, draft.multiTarget, draft.customTarget];
  if (places.filter((place) => place !== undefined).length !== 1) {
    throw badRequest(
      "deployment_target",
      "A target needs exactly one of gke, anthos_cluster, run, multi_target and custom_target",
    );
  }
  if (draft.run !== undefined && !RUN_LOCATION.test(draft.run.location ?? "")) {
    throw badRequest(
      "run.location",
      "run.location must be projects/{project}/locations/{location}",
    );
  }
  if (
    draft.customTarget !== undefined &&
    !CUSTOM_TARGET_TYPE.test(draft.customTarget.customTargetType ?? "")
  ) {
    throw badRequest(
      "custom_target.custom_target_type",
      "custom_target_type must be projects/{project}/locations/{location}/customTargetTypes/{custom_target_type}",
    );
  }
  checkExecution(draft.executionConfigs ?? []);
}

/** Checks what the caller says about a custom target type. @throws GoogleError INVALID_ARGUMENT */
export function checkCustomTargetType(draft: Draft<CustomTargetType>): void {
  requiredText(draft.customActions?.deployAction, "custom_actions.deploy_action");
}
