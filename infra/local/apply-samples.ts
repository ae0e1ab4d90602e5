import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createDecidingWiring } from "../../functions/create-wiring.ts";
import { readProcessConfig } from "../../shared/config.ts";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import { z } from "zod";
import { applySpec } from "../plan/apply-spec.ts";
import { localInstallation } from "./installation.ts";
import { SAMPLES } from "./samples.ts";
import { makeResources } from "./sample-resources.ts";

/** Where the services are that this needs. */
const Endpoints = z.object({
  cloudDeploy: z.number(),
  storage: z.number(),
  cloudSql: z.number(),
  gkeBackup: z.number(),
  cloudRun: z.number(),
  monitoring: z.number(),
  loadBalancer: z.number(),
  scheduler: z.number(),
});
type Endpoints = z.output<typeof Endpoints>;

/**
 * The process that applies the samples' specifications as `slipway apply` does, and makes what their environments
 * have. It is one of its own so that what it loads goes when it is done. It is told the ports once the
 * emulators are there; until then it loads.
 */
await applySamples(once(process, "message"));
process.exit(0);

async function applySamples(told: Promise<unknown>): Promise<void> {
  const { ports } = createDecidingWiring(readProcessConfig());
  const [endpoints] = z
    .tuple([Endpoints])
    .rest(z.unknown())
    .parse(await told);
  await Promise.all(SAMPLES.map(async (sample) => applySample(sample, ports, endpoints)));
}

async function applySample(
  sample: string,
  ports: DecidingPorts,
  endpoints: Endpoints,
): Promise<void> {
  const file = new URL(`../services/${sample}/service.yaml`, import.meta.url);
  const cloud = {
    cloudDeploy: `127.0.0.1:${endpoints.cloudDeploy}`,
    storage: `http://127.0.0.1:${endpoints.storage}`,
    cloudRun: `127.0.0.1:${endpoints.cloudRun}`,
    scheduler: `127.0.0.1:${endpoints.scheduler}`,
    monitoring: `http://127.0.0.1:${endpoints.monitoring}`,
  };
  const installation = localInstallation(ports, cloud, "user:slipway-start@example.com");
  const text = await readFile(file, "utf8");
  const outcome = await applySpec(installation, text);
  if (outcome.kind === "invalid") {
    throw new Error(`${file.pathname} is not valid: ${JSON.stringify(outcome.problems)}`);
  }
  const url = (endpoint: keyof Endpoints): string => `http://127.0.0.1:${endpoints[endpoint]}`;
  await makeResources(
    {
      cloudSql: url("cloudSql"),
      gkeBackup: url("gkeBackup"),
      cloudRun: url("cloudRun"),
      monitoring: url("monitoring"),
      loadBalancer: url("loadBalancer"),
    },
    outcome.service,
  );
}
