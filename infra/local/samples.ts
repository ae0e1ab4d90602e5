import { readFile } from "node:fs/promises";
import type { Ports } from "../../shared/ports/ports.ts";
import { applySpec } from "../plan/apply-spec.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_LOCATION, LOCAL_PROJECT } from "./settings.ts";

/** The services that the local cloud starts with. */
const SAMPLES = ["msp-testbed", "parcel-tracker"] as const;

/** Applies the samples' specifications as `slipway apply` does. */
export async function applySamples(
  ports: Ports,
  endpoints: Readonly<Record<Endpoint, number>>,
): Promise<void> {
  for (const sample of SAMPLES) {
    const text = await readFile(
      new URL(`../services/${sample}/service.yaml`, import.meta.url),
      "utf8",
    );
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
    await applySpec(installation, text, "user:slipway-start@example.com");
  }
}
