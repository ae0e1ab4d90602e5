import { manualClock } from "../support/manual-clock.ts";
import { cloudDeploy } from "../../shared/adapters/cloud-deploy.ts";
import { deployContract } from "../support/contracts/deploy-contract.ts";
import type { OpenDeploy } from "../support/contracts/deploy-contract.ts";
import { memoryClock } from "../support/memory-clock.ts";
import { memoryCalls } from "../support/memory-calls.ts";
import { cloudDeployHand } from "../support/cloud-deploy-hand.ts";
import { memoryDeploy, newCloudDeployWorld } from "../support/memory-cloud-deploy.ts";
import {
  JOB_MS,
  openPipeline,
  PIPELINE,
  RENDER_MS,
} from "../support/contracts/cloud-deploy-pipeline.ts";

deployContract("in memory", async () => {
  const world = newCloudDeployWorld();
  world.phases.set("canary", ["canary-10", "stable"]);
  world.approvals.add("guarded");
  const clock = memoryClock();
  const hand = cloudDeployHand(world, clock);
  return {
    deploy: memoryDeploy(world, memoryCalls(), clock),
    pipeline: PIPELINE,
    settle: async () => {},
    finish: async () => {
      hand.finishAll();
    },
    spoil: async ({ id, message }, create) => {
      await create();
      hand.fail(id, message);
    },
    close: async () => {},
  };
});

deployContract("through its client", async (): Promise<OpenDeploy> => {
  const clock = manualClock();
  const server = await openPipeline({ clock });
  return {
    deploy: cloudDeploy({ endpoint: server.grpcAddress }),
    pipeline: PIPELINE,
    settle: async () => clock.advance(RENDER_MS),
    finish: async () => clock.advance(JOB_MS),
    spoil: async ({ message }, create) => {
      server.failNext(message);
      await create();
      await clock.advance(JOB_MS);
    },
    close: server.close,
  };
});
