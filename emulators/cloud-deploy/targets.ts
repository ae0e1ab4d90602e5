import { badRequest } from "../kit/google-error.ts";
import { checkUserFields } from "./checks.ts";
import type { ExecutionConfig, TargetDraft } from "./resources.ts";

const RUN_LOCATION = /^projects\/[^/]+\/locations\/[^/]+$/;
const CUSTOM_TARGET_TYPE = /^projects\/[^/]+\/locations\/[^/]+\/customTargetTypes\/[^/]+$/;

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets */
const EXECUTION_SECONDS_MIN = 10 * 60;
const EXECUTION_SECONDS_MAX = 24 * 60 * 60;

/** Source: the comments of `ExecutionConfig` in google/cloud/deploy/v1/cloud_deploy.proto */
const NEEDED_USAGES = ["RENDER", "DEPLOY"] as const;
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/;
const BUCKET_PATH = /^gs:\/\/[a-z0-9][a-z0-9._-]*[a-z0-9](?:\/.*)?$/;

/** Checks what is said of a target. @throws GoogleError INVALID_ARGUMENT */
export function checkTarget(draft: TargetDraft): void {
  const { run, customTarget, executionConfigs = [] } = draft;
  checkUserFields(draft);
  if ((run === undefined) === (customTarget === undefined)) {
    throw badRequest("deployment_target", "A target needs exactly one of run and custom_target");
  }
  if (run !== undefined && !RUN_LOCATION.test(run.location ?? "")) {
    throw badRequest(
      "run.location",
      "run.location must be projects/{project}/locations/{location}",
    );
  }
  if (customTarget !== undefined && !CUSTOM_TARGET_TYPE.test(customTarget.customTargetType ?? "")) {
    throw badRequest(
      "custom_target.custom_target_type",
      "custom_target_type must be projects/{project}/locations/{location}/customTargetTypes/{custom_target_type}",
    );
  }
  executionConfigs.forEach(checkExecution);
  checkUsages(executionConfigs.map(({ usages = [] }) => usages));
}

/** Once there are any execution settings at all, each usage has one, and rendering and deploying are among them. */
function checkUsages(usages: readonly (readonly string[])[]): void {
  const all = usages.flat();
  const missing = usages.length === 0 ? [] : NEEDED_USAGES.filter((usage) => !all.includes(usage));
  const isWrong =
    usages.some((own) => own.length === 0) ||
    new Set(all).size !== all.length ||
    all.includes("EXECUTION_ENVIRONMENT_USAGE_UNSPECIFIED");
  if (isWrong || missing.length > 0) {
    throw badRequest(
      "execution_configs.usages",
      isWrong
        ? `Each execution config needs usages, and each usage one config: [${all.join(", ")}]`
        : `No execution config has ${missing.join(" and ")}`,
    );
  }
}

function checkExecution({
  serviceAccount = "",
  artifactStorage = "",
  executionTimeout = `${EXECUTION_SECONDS_MIN}s`,
}: ExecutionConfig): void {
  if (serviceAccount !== "" && !ACCOUNT.test(serviceAccount)) {
    throw badRequest(
      "execution_configs.service_account",
      `Invalid service account "${serviceAccount}"`,
    );
  }
  if (artifactStorage !== "" && !BUCKET_PATH.test(artifactStorage)) {
    throw badRequest(
      "execution_configs.artifact_storage",
      "artifact_storage must be gs://{bucket} or a path in a bucket",
    );
  }
  const seconds = Number.parseFloat(executionTimeout);
  if (!(seconds >= EXECUTION_SECONDS_MIN && seconds <= EXECUTION_SECONDS_MAX)) {
    throw badRequest(
      "execution_configs.execution_timeout",
      "An execution timeout must be from 10 minutes to 24 hours",
    );
  }
}
