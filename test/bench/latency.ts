import { CloudDeployClient } from "@google-cloud/deploy";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { smallSpec } from "../support/local-spec.ts";
import { allEnd, readReleases, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { present } from "../support/present.ts";
import { median, quantile, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const PUSHES = 20;
const WARM_UP = 3;

type Push = {
  readonly toRelease: number;
  readonly toSucceeded: number;
  readonly toDeployed: number;
};

/**
 * From the registry's answer to a push until Cloud Deploy gets the release, until its rollout succeeded,
 * and until the record says that it is deployed. Each push comes to a service at which nothing happens.
 */
export async function measureLatency(): Promise<readonly Figure[]> {
  const world = await openLocalWorld();
  await world.stopTicks();
  try {
    await world.apply(smallSpec("web"));
    const pushes: Push[] = [];
    for (let number = 1; number <= WARM_UP + PUSHES; number += 1) {
      const push = await measurePush(world, `v${number}`);
      if (number > WARM_UP) {
        pushes.push(push);
      }
    }
    const release = pushes.map(({ toRelease }) => toRelease);
    const succeeded = pushes.map(({ toSucceeded }) => toSucceeded);
    const deployed = pushes.map(({ toDeployed }) => toDeployed);
    const note = `${PUSHES} pushes to a quiet service`;
    return [
      told("push to createRelease, median", median(release), "ms", note),
      told("push to createRelease, p95", quantile(release, 0.95), "ms"),
      told(
        "push to rollout succeeded, median",
        median(succeeded),
        "ms",
        "of which the emulator renders 100 and deploys 150",
      ),
      told("push to rollout succeeded, p95", quantile(succeeded, 0.95), "ms"),
      told("push to recorded as deployed, median", median(deployed), "ms"),
    ];
  } finally {
    await world.close();
  }
}

async function measurePush(world: LocalWorld, tag: string): Promise<Push> {
  await allEnd(world, "web");
  await world.cloud.emulators.pubsub.idle();
  const digest = await world.push("web", tag);
  const pushedMs = Date.now();
  await tagArrives(world, "web", { environment: "dev", tag });
  const release = present(
    (await readReleases(world, "web")).find(({ image }) => image.endsWith(digest)),
    `the release of ${tag}`,
  );
  const times = await readTimes(world, release.id);
  return {
    toRelease: times.createdMs - pushedMs,
    toSucceeded: times.succeededMs - pushedMs,
    toDeployed: Date.parse(release.environments["dev"] ?? "") - pushedMs,
  };
}

/** When Cloud Deploy got the release, and when its rollout succeeded, by its own clock, which is ours. */
async function readTimes(
  { file }: LocalWorld,
  release: string,
): Promise<{ readonly createdMs: number; readonly succeededMs: number }> {
  const address = (file.endpoints["cloudDeploy"] ?? "").replace("http://", "");
  const client = new CloudDeployClient(await endpointOptions(address));
  const pipeline = client.deliveryPipelinePath(
    file.project,
    file.location,
    "web-us-central1-rollout",
  );
  const name = `${pipeline}/releases/${release}`;
  const [{ createTime }] = await client.getRelease({ name });
  const [rollouts] = await client.listRollouts({ parent: name });
  await client.close();
  return { createdMs: toMs(createTime), succeededMs: toMs(rollouts[0]?.deployEndTime) };
}

const MS_PER_SECOND = 1000;
const NANOS_PER_MS = 1_000_000;

function toMs(
  time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number {
  return Number(time?.seconds ?? 0) * MS_PER_SECOND + (time?.nanos ?? 0) / NANOS_PER_MS;
}
