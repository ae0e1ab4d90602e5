import { badRequest } from "../kit/google-error.ts";
import type { ExecutionConfig } from "./configuration.ts";

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets */
const EXECUTION_SECONDS_MIN = 10 * 60;
const EXECUTION_SECONDS_MAX = 24 * 60 * 60;

/** Source: the comments of `ExecutionConfig` in google/cloud/deploy/v1/cloud_deploy.proto */
const NEEDED_USAGES = ["RENDER", "DEPLOY"];
const USAGES: ReadonlySet<string> = new Set([
  ...NEEDED_USAGES,
  "VERIFY",
  "PREDEPLOY",
  "POSTDEPLOY",
]);
const ACCOUNT = /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/;
const BUCKET_PATH = /^gs:\/\/[a-z0-9][a-z0-9._-]*[a-z0-9](?:\/.*)?$/;

/**
 * Checks a target's execution settings: once there are any at all, each usage has one, and rendering and deploying are
 * among them.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkExecution(configs: readonly ExecutionConfig[]): void {
  for (const config of configs) {
    checkUsages(config.usages ?? []);
    checkAccount(config);
    checkTimeout(config);
  }
  const usages = configs.flatMap((config) => config.usages ?? []);
  const twice = usages.find((usage, at) => usages.indexOf(usage) !== at);
  if (twice !== undefined) {
    throw badRequest("execution_configs.usages", `More than one execution config has ${twice}`);
  }
  const missing = NEEDED_USAGES.filter((usage) => !usages.includes(usage));
  if (configs.length > 0 && missing.length > 0) {
    throw badRequest(
      "execution_configs.usages",
      `No execution config has ${missing.join(" and ")}`,
    );
  }
}

function checkUsages(usages: readonly string[]): void {
  if (usages.length === 0) {
    throw badRequest("execution_configs.usages", "An execution config needs at least one usage");
  }
  const unknown = usages.find((usage) => !USAGES.has(usage));
  if (unknown !== undefined) {
    throw badRequest("execution_configs.usages", `Unknown usage ${unknown}`);
  }
}

function checkAccount({ serviceAccount = "", artifactStorage = "" }: ExecutionConfig): void {
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
}

function checkTimeout({ executionTimeout }: ExecutionConfig): void {
  const seconds =
    executionTimeout === undefined ? EXECUTION_SECONDS_MIN : Number.parseFloat(executionTimeout);
  if (!(seconds >= EXECUTION_SECONDS_MIN && seconds <= EXECUTION_SECONDS_MAX)) {
    throw badRequest(
      "execution_configs.execution_timeout",
      "An execution timeout must be from 10 minutes to 24 hours",
    );
  }
}
