import { describedFields, withoutOutputOnly } from "../kit/collection-fields.ts";
import { badRequest } from "../kit/google-error.ts";
import {
  type BuildConfig,
  type FunctionInput,
  PROTOS,
  type ServiceConfig,
  type StorageSource,
} from "./wire.ts";

const FUNCTION = describedFields(PROTOS, "google.cloud.functions.v2.Function");
const BUILD = describedFields(PROTOS, "google.cloud.functions.v2.BuildConfig");
const SERVICE = describedFields(PROTOS, "google.cloud.functions.v2.ServiceConfig");

/** Source: https://cloud.google.com/functions/docs/runtime-support */
const RUNTIME = /^nodejs(?:20|22|24)$/;

/**
 * Variables that the platform sets itself.
 * Source: https://cloud.google.com/functions/docs/configuring/env-var
 */
const RESERVED = new Set([
  "FUNCTION_TARGET",
  "FUNCTION_SIGNATURE_TYPE",
  "K_SERVICE",
  "K_REVISION",
  "PORT",
]);

const TIMEOUT_DEFAULT_S = 60;
const TIMEOUT_LIMIT_S = 3600;
const MEMORY = /^\d+(?:\.\d+)?(?:k|M|G|Mi|Gi)?$/;

/**
 * What an owner set, with the defaults that the API fills in.
 * @throws GoogleError INVALID_ARGUMENT when a field lacks or cannot be so.
 */
export function toSpec(id: string, input: FunctionInput): FunctionInput {
  if (input.environment !== undefined && input.environment !== "GEN_2") {
    throw badRequest("function.environment", "Only functions of the second generation are here");
  }
  return {
    ...withoutOutputOnly(FUNCTION, input),
    buildConfig: toBuildConfig(id, withoutOutputOnly(BUILD, input.buildConfig ?? {})),
    serviceConfig: toServiceConfig(withoutOutputOnly(SERVICE, input.serviceConfig ?? {})),
  };
}

function toBuildConfig(id: string, config: BuildConfig): BuildConfig {
  const { runtime = "", entryPoint = id } = config;
  if (!RUNTIME.test(runtime)) {
    throw badRequest("function.build_config.runtime", `Runtime "${runtime}" is not known`);
  }
  checkSource(config.source?.storageSource);
  return { ...config, runtime, entryPoint };
}

function toServiceConfig(config: ServiceConfig): ServiceConfig {
  const { timeoutSeconds = TIMEOUT_DEFAULT_S, availableMemory = "256M" } = config;
  if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_LIMIT_S) {
    throw badRequest("function.service_config.timeout_seconds", "1 to 3600 seconds are possible");
  }
  if (!MEMORY.test(availableMemory)) {
    throw badRequest("function.service_config.available_memory", "A quantity such as 512Mi");
  }
  checkVariables(config.environmentVariables ?? {});
  return {
    ingressSettings: "ALLOW_ALL",
    maxInstanceRequestConcurrency: 1,
    ...config,
    timeoutSeconds,
    availableMemory,
  };
}

function checkSource(source: StorageSource | undefined): void {
  if ((source?.bucket ?? "") === "" || (source?.object ?? "") === "") {
    throw badRequest(
      "function.build_config.source",
      "The source is an archive in Cloud Storage: bucket and object",
    );
  }
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const taken = Object.keys(variables).find(
    (name) => RESERVED.has(name) || name.startsWith("X_GOOGLE_"),
  );
  if (taken !== undefined) {
    throw badRequest(
      "function.service_config.environment_variables",
      `The variable ${taken} is set by the platform`,
    );
  }
}
