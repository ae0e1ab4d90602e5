import { smallSpec } from "../support/local-spec.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import { readCloudDeploy } from "../support/local-state.ts";
import { promote } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";
import { told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const OPERATIONS = "reads+writes";

/**
 * What each step of a promotion reads and writes in Firestore, as it is billed. The functions are called
 * by hand, one at a time, so that nothing else is counted.
 */
export async function measureOperations(): Promise<readonly Figure[]> {
  const world = await openLocalWorld();
  await world.stopTicks();
  try {
    const service = await world.apply(smallSpec("web"));
    await world.stopDeliveries();
    const push = pushed("web", await world.push("web", "v1"), "v1");
    const succeeded = async (expected: number): Promise<void> => {
      await until(
        `${expected} rollouts succeed`,
        async () => [...(await readCloudDeploy(world.file, service)).rollouts.values()],
        (rollouts) => rollouts.filter(({ state }) => state === "SUCCEEDED").length === expected,
      );
    };
    const figures = [
      await count(world, "push: release, gates, rollout", async () =>
        call(world, "on-image-push", push),
      ),
      await count(world, "the same push again", async () => call(world, "on-image-push", push)),
    ];
    await succeeded(1);
    const rollout = await notification(world);
    figures.push(
      await count(world, "notification: rollout succeeded", async () => notify(world, rollout)),
      await count(world, "the same notification again", async () => notify(world, rollout)),
      ...(await countHop(world)),
    );
    await succeeded(2);
    const tick = { kind: "minute" };
    figures.push(
      await count(world, "tick that finds it succeeded", async () => call(world, "on-tick", tick)),
      await count(world, "tick when nothing is in flight", async () =>
        call(world, "on-tick", tick),
      ),
    );
    return figures;
  } finally {
    await world.close();
  }
}

/** A promotion is decided by the API and done by on-work: each part, and both together. */
async function countHop(world: LocalWorld): Promise<readonly Figure[]> {
  const { firestore } = world.cloud.emulators;
  const before = firestore.usage();
  const parts = [
    await count(world, "promote: decided by api", async () => promote(world, "web", "prod")),
    await count(world, "promote: done by on-work, to the rollout", async () =>
      call(world, "on-work", { kind: "service", service: "web", look: null }),
    ),
  ];
  const after = firestore.usage();
  const whole = after.reads + after.writes - before.reads - before.writes;
  const note = `${after.reads - before.reads} reads, ${after.writes - before.writes} writes; ${WITHOUT_HOP} when one function did both`;
  const ratio = `Firestore, promote: with the hop, of ${WITHOUT_HOP} without`;
  return [...parts, told(ratio, Math.round((whole / WITHOUT_HOP) * 100) / 100, "times", note)];
}

/** What the same promotion read and wrote while the API did what it decided. */
const WITHOUT_HOP = 10;

/** Counts what something reads and writes. */
async function count(
  { cloud }: LocalWorld,
  name: string,
  happen: () => Promise<unknown>,
): Promise<Figure> {
  const { firestore } = cloud.emulators;
  const before = firestore.usage();
  await happen();
  const after = firestore.usage();
  const reads = after.reads - before.reads;
  const writes = after.writes - before.writes;
  const calls = after.calls - before.calls;
  const note = `${reads} reads, ${writes} writes in ${calls} calls`;
  return told(`Firestore, ${name}`, reads + writes, OPERATIONS, note);
}

async function call(world: LocalWorld, name: string, data: object): Promise<void> {
  const answer = await postEvent(world, { name, id: "bench" }, deliveryOf("bench", data));
  if (answer.status !== 200) {
    throw new Error(`${name} answered ${answer.status}: ${answer.body}`);
  }
}

type Attributes = Readonly<Record<string, string>>;

/** What Cloud Deploy says when the one rollout that there is has succeeded. */
async function notification({ ports }: LocalWorld): Promise<Attributes> {
  const [found] = await ports.store.findByPipeline("web-us-central1-rollout");
  const aggregate = found?.kind === "readable" ? found.seen : undefined;
  const active = aggregate?.state.environments["dev"]?.active;
  const rollout = active?.id ?? "";
  const release = active?.release ?? "";
  return {
    Action: "Succeed",
    ResourceType: "Rollout",
    DeliveryPipelineId: "web-us-central1-rollout",
    ReleaseId: release,
    RolloutId: rollout,
    TargetId: "web-dev-us-central1",
    Location: "us-central1",
    ProjectNumber: "100000000001",
    Resource: `projects/100000000001/locations/us-central1/deliveryPipelines/web-us-central1-rollout/releases/${release}/rollouts/${rollout}`,
  };
}

async function notify(world: LocalWorld, attributes: Attributes): Promise<void> {
  const message = { attributes, messageId: "bench" };
  const event = { name: "on-deploy-notification", id: "bench" };
  const answer = await postEvent(world, event, JSON.stringify({ message }));
  if (answer.status !== 200) {
    throw new Error(`on-deploy-notification answered ${answer.status}: ${answer.body}`);
  }
}
