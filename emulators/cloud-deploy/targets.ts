import { badRequest } from "../kit/google-error.ts";
import { requiredText } from "./checks.ts";
import type { CustomTargetType, Draft, ExecutionConfig, Target } from "./configuration.ts";

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets */
const EXECUTION_SECONDS_MIN = 10 * 60;
const EXECUTION_SECONDS_MAX = 24 * 60 * 60;

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
  for (const config of draft.executionConfigs ?? []) {
    checkExecutionConfig(config);
  }
}

/** Checks what the caller says about a custom target type. @throws GoogleError INVALID_ARGUMENT */
export function checkCustomTargetType(draft: Draft<CustomTargetType>): void {
  requiredText(draft.customActions?.deployAction, "custom_actions.deploy_action");
}

function checkExecutionConfig({ executionTimeout, usages }: ExecutionConfig): void {
  if ((usages ?? []).length === 0) {
    throw badRequest("execution_configs.usages", "An execution config needs at least one usage");
  }
  const seconds =
    executionTimeout === undefined ? EXECUTION_SECONDS_MIN : Number.parseFloat(executionTimeout);
  if (!(seconds >= EXECUTION_SECONDS_MIN && seconds <= EXECUTION_SECONDS_MAX)) {
    throw badRequest(
      "execution_configs.execution_timeout",
      "An execution timeout must be from 10 minutes to 24 hours",
    );
  }
}
