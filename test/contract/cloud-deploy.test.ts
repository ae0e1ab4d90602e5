import { CloudDeployClient } from "@google-cloud/deploy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { RunningServer } from "../../emulators/kit/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { cloudDeploy } from "../../shared/adapters/cloud-deploy.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { toRolloutView } from "../../shared/adapters/rollout-view.ts";
import { environmentId, promotionId } from "../../shared/domain/ids.ts";
import { imageOf } from "../../shared/domain/release.ts";
import type { RolloutKey } from "../../shared/domain/rollout.ts";
import type { Deploy } from "../../shared/ports/deploy.ts";
import { aService } from "../support/builders.ts";
import {
  JOB_MS,
  openPipeline,
  PIPELINE,
  RENDER_MS,
} from "../support/contracts/cloud-deploy-pipeline.ts";
import { aRelease } from "../support/contracts/samples.ts";

const RELEASE = aRelease(aService(), 1);
const PARENT = "projects/slipway/locations/us-central1/deliveryPipelines/web-rollout";
const NAME = `${PARENT}/releases/${RELEASE.id}`;
const SLOW_MS = 60_000;
const PLAIN = { target: "plain", description: "d".repeat(300), startingPhase: null };

let clock: ManualClock;
let server: RunningServer;
let deploy: Deploy;
let client: CloudDeployClient;

beforeEach(async () => {
  clock = manualClock();
  server = await openPipeline({ clock });
  deploy = cloudDeploy({ endpoint: server.grpcAddress });
  client = new CloudDeployClient(await endpointOptions(server.grpcAddress));
});
afterEach(async () => {
  await client.close();
  await server.close();
});

function keyTo(target: string): RolloutKey {
  return { rollout: promotionId(RELEASE.id, environmentId(target), 1), release: RELEASE.id };
}

async function start(target: string): Promise<RolloutKey> {
  await deploy.createRelease(PIPELINE, RELEASE);
  await deploy.createRollout(PIPELINE, keyTo(target), { ...PLAIN, target });
  await clock.advance(RENDER_MS);
  return keyTo(target);
}

describe("what is created in Cloud Deploy", () => {
  test("is a release that deploys the image by digest and says what it was made of", async () => {
    const { digest } = RELEASE;
    await deploy.createRelease(PIPELINE, RELEASE);
    const [release] = await client.getRelease({ name: NAME });
    expect(release).toMatchObject({
      skaffoldConfigUri: RELEASE.sourceUri,
      buildArtifacts: [{ image: RELEASE.repository, tag: imageOf(RELEASE) }],
      labels: { commit: "0123456789ab" },
      annotations: {
        "slipway.dev/commit": "0123456789ab",
        "slipway.dev/tag": "v1",
        commit: "0123456789ab",
      },
      deployParameters: {
        "customTarget/tag": `v1@${digest}`,
        "customTarget/imageByDigest": imageOf(RELEASE),
      },
    });
  });

  test("is a release without what is not known of the image, or does not fit a label", async () => {
    const image = {
      ...RELEASE.image,
      commit: "Not A Label",
      authors: ["ann@example.com"],
      tags: [],
    };
    const bare = { ...RELEASE, tag: null, image };
    await deploy.createRelease(PIPELINE, bare);
    const [release] = await client.getRelease({ name: NAME });
    const { labels, annotations, deployParameters } = release;
    expect({ labels, annotations, deployParameters }).toEqual({
      labels: {},
      annotations: {
        "slipway.dev/commit": "Not A Label",
        "slipway.dev/author": "ann@example.com",
        commit: "Not A Label",
        author: "ann@example.com",
      },
      deployParameters: { "customTarget/imageByDigest": imageOf(RELEASE) },
    });
  });

  test("is a rollout with as much of the description as fits", async () => {
    const { rollout } = await start("plain");
    const [created] = await client.getRollout({ name: `${NAME}/rollouts/${rollout}` });
    expect(created).toMatchObject({ targetId: "plain", description: "d".repeat(255) });
  });

  test("is not there in a pipeline that does not exist", async () => {
    const attempt = deploy.createRelease({ ...PIPELINE, id: "nobodys" }, RELEASE);
    await expect(attempt).rejects.toThrow("deliveryPipelines/nobodys");
    await expect(attempt).rejects.toMatchObject({ name: "PermanentError", status: "NOT_FOUND" });
  });
});

describe("a call to Cloud Deploy whose answer is lost", () => {
  test.for(["drop-before", "drop-after"] as const)("is made again: %s", async (kind) => {
    for (const method of ["CreateRelease", "CreateRollout", "GetRollout"]) {
      server.faults.add({ method, call: 1, kind });
    }
    const key = await start("plain");
    expect(await deploy.getRollout(PIPELINE, key)).toMatchObject({ state: "IN_PROGRESS" });
    expect((await client.listReleases({ parent: PARENT }))[0]).toHaveLength(1);
  });

  test.for(["drop-before", "drop-after"] as const)("steers once: %s", async (kind) => {
    for (const method of ["ApproveRollout", "CancelRollout"]) {
      server.faults.add({ method, call: 1, kind });
    }
    const key = await start("guarded");
    await deploy.approveRollout(PIPELINE, key, true);
    expect(await deploy.getRollout(PIPELINE, key)).toMatchObject({ state: "IN_PROGRESS" });
    await deploy.cancelRollout(PIPELINE, key);
    await clock.advance(JOB_MS);
    expect(await deploy.getRollout(PIPELINE, key)).toMatchObject({ state: "CANCELLED" });
  });

  test("long ago meets the release that is there", async () => {
    await deploy.createRelease(PIPELINE, RELEASE);
    await clock.advance(2 * 60 * 60 * 1000);
    await deploy.createRelease(PIPELINE, RELEASE);
    expect((await client.listReleases({ parent: PARENT }))[0]).toHaveLength(1);
  });
});

describe("a creation that takes its time", () => {
  test("is waited for", async () => {
    await server.close();
    clock = manualClock();
    server = await openPipeline({ clock, operationMs: SLOW_MS });
    await clock.advance(2 * SLOW_MS);
    const creation = cloudDeploy({ endpoint: server.grpcAddress }).createRelease(PIPELINE, RELEASE);
    let isDone = false;
    const waiting = creation.then(() => {
      isDone = true;
      return null;
    });
    await expect.poll(() => server.faults.calls("GetOperation")).toBeGreaterThan(1);
    expect(isDone).toBe(false);
    await clock.advance(SLOW_MS);
    await waiting;
    expect(isDone).toBe(true);
  });
});

describe("what a rollout says", () => {
  const rollout = { name: `${NAME}/rollouts/x`, targetId: "plain" };

  test("is taken as it is when nobody told us of its state", () => {
    const odd = { ...rollout };
    Reflect.set(odd, "state", 99);
    const view = toRolloutView(odd, null);
    expect(view).toMatchObject({ id: "x", state: "UNRECOGNIZED", rawState: "99" });
  });

  test.for([
    [["PENDING", "PENDING"], null],
    [["IN_PROGRESS", "PENDING"], null],
    [["SUCCEEDED", "PENDING", "PENDING"], "p1"],
    [["SKIPPED", "PENDING"], "p1"],
    [["SUCCEEDED", "SUCCEEDED", "PENDING"], "p2"],
    [["FAILED", "PENDING"], null],
    [["SUCCEEDED", "IN_PROGRESS", "PENDING"], null],
    [["SUCCEEDED", "SUCCEEDED"], null],
    [[], null],
  ] as const)("with phases %j waits for %s", ([states, next]) => {
    const phases = states.map((state, index) => ({ id: `p${index}`, state }));
    expect(toRolloutView({ ...rollout, state: "IN_PROGRESS", phases }, null).nextPhase).toBe(next);
    expect(toRolloutView({ ...rollout, state: "SUCCEEDED", phases }, null).nextPhase).toBeNull();
  });
});
