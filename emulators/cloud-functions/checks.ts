import { badRequest } from "../kit/google-error.ts";
import type { BuildConfig, FunctionInput, ServiceConfig, StorageSource } from "./wire.ts";

/** The runtimes that the emulator lists. Source: https://cloud.google.com/functions/docs/runtime-support */
export const RUNTIMES = ["nodejs20", "nodejs22", "nodejs24"] as const;

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

/** What the API sets and nobody else: sent back by somebody who read it, it is passed over. */
const OUTPUT_ONLY = {
  function: ["name", "state", "updateTime", "createTime", "stateMessages", "url"],
  build: ["build", "sourceProvenance"],
  service: ["service", "uri", "revision"],
};

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
    ...without(input, OUTPUT_ONLY.function),
    buildConfig: toBuildConfig(id, without(input.buildConfig ?? {}, OUTPUT_ONLY.build)),
    serviceConfig: toServiceConfig(without(input.serviceConfig ?? {}, OUTPUT_ONLY.service)),
  };
}

function without<T extends object>(fields: T, names: readonly string[]): T {
  const kept = Object.entries(fields).filter(([name]) => !names.includes(name));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field of T may lack
  return Object.fromEntries(kept) as T;
}

function toBuildConfig(id: string, config: BuildConfig): BuildConfig {
  const { runtime = "", entryPoint = id } = config;
  if (!RUNTIMES.some((known) => known === runtime)) {
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
