import { readFile } from "node:fs/promises";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import { applySpec } from "../plan/apply-spec.ts";
import type { CloudEndpoints } from "../resources/cloud.ts";
import { localInstallation } from "./installation.ts";
import type { Endpoint } from "./ports.ts";
import { SAMPLES } from "./samples.ts";
import { LOCAL_OWNER } from "./settings.ts";

/** Applies the samples' specifications as `slipway apply` does. @throws Error when one cannot be applied. */
export async function applySamples(
  ports: DecidingPorts,
  at: Readonly<Record<Endpoint, number>>,
): Promise<void> {
  const endpoints = {
    cloudDeploy: `127.0.0.1:${at.cloudDeploy}`,
    storage: `http://127.0.0.1:${at.storage}`,
    cloudRun: `127.0.0.1:${at.cloudRun}`,
    scheduler: `127.0.0.1:${at.scheduler}`,
    monitoring: `http://127.0.0.1:${at.monitoring}`,
  };
  await Promise.all(SAMPLES.map(async (sample) => applySample(sample, ports, endpoints)));
}

async function applySample(
  sample: string,
  ports: DecidingPorts,
  endpoints: CloudEndpoints,
): Promise<void> {
  const file = new URL(`../services/${sample}/service.yaml`, import.meta.url);
  const installation = localInstallation(ports, endpoints, `user:${LOCAL_OWNER}`);
  const outcome = await applySpec(installation, await readFile(file, "utf8"));
  if (outcome.kind === "invalid") {
    throw new Error(`${file.pathname} is not valid: ${JSON.stringify(outcome.problems)}`);
  }
}
