import { readFile } from "node:fs/promises";
import type { Ports } from "../../shared/ports/ports.ts";
import { applySpec } from "../plan/apply-spec.ts";
import type { Endpoint } from "./ports.ts";
import { makeResources } from "./sample-resources.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "./settings.ts";

/** The services that the local cloud starts with. */
const SAMPLES = ["msp-testbed", "parcel-tracker", "approval-demo"] as const;

/** Applies the samples' specifications as `slipway apply` does, and makes what their environments have. */
export async function applySamples(
  ports: Ports,
  endpoints: Readonly<Record<Endpoint, number>>,
): Promise<void> {
  await Promise.all(SAMPLES.map(async (sample) => applySample(sample, ports, endpoints)));
}

async function applySample(
  sample: string,
  ports: Ports,
  endpoints: Readonly<Record<Endpoint, number>>,
): Promise<void> {
  const file = new URL(`../services/${sample}/service.yaml`, import.meta.url);
  const installation = {
    project: LOCAL_PROJECT,
    location: LOCAL_LOCATION,
    pipelineProject: "own" as const,
    sourcesBucket: `${LOCAL_PROJECT}-sources`,
    ports,
    endpoints: {
      cloudDeploy: `127.0.0.1:${endpoints.cloudDeploy}`,
      storage: `http://127.0.0.1:${endpoints.storage}`,
    },
  };
  const text = await readFile(file, "utf8");
  const outcome = await applySpec(installation, text, "user:slipway-start@example.com");
  if (outcome.kind === "invalid") {
    throw new Error(`${file.pathname} is not valid: ${JSON.stringify(outcome.problems)}`);
  }
  const url = (endpoint: Endpoint): string => `http://127.0.0.1:${endpoints[endpoint]}`;
  await makeResources(
    {
      cloudSql: url("cloudSql"),
      gkeBackup: url("gkeBackup"),
      cloudRun: url("cloudRun"),
      monitoring: url("monitoring"),
    },
    outcome.service,
  );
}
