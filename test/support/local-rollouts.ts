import { z } from "zod";
import { LOCAL_PROJECT } from "../../infra/local/settings.ts";
import type { LocalWorld } from "./local-world.ts";
import { until } from "./until.ts";

const Rollouts = z.object({
  rollouts: z.array(z.object({ name: z.string(), state: z.string() })).default([]),
});

/** The name of the one rollout of the service `web`, once it has succeeded. */
export async function succeededRollout(world: LocalWorld): Promise<string> {
  const parent = `projects/${LOCAL_PROJECT}/locations/us-central1/deliveryPipelines/web-us-central1-rollout/releases/-`;
  const url = `${world.file.endpoints["cloudDeploy"] ?? ""}/v1/${parent}/rollouts`;
  const read = async (): Promise<z.infer<typeof Rollouts>> =>
    Rollouts.parse(await (await fetch(url)).json());
  const { rollouts } = await until("the rollout succeeds", read, (list) =>
    list.rollouts.some(({ state }) => state === "SUCCEEDED"),
  );
  return rollouts[0]?.name ?? "";
}
