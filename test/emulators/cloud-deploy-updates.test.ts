import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createPipeline,
  createRollout,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  renderedRelease,
  runTarget,
  type Setting,
  statusOf,
  type Target,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

const DEV = `${PARENT}/targets/dev`;
const HOUR_MS = 60 * 60_000;

async function create(
  targetId: string,
  target: Target = runTarget(),
  more: object = {},
): Promise<void> {
  const [operation] = await setting.client.createTarget({
    parent: PARENT,
    targetId,
    target,
    ...more,
  });
  await operation.promise();
}

async function readTarget(name = DEV): Promise<Target> {
  const [target] = await setting.client.getTarget({ name });
  return target;
}

async function update(target: Target, paths: string[], more: object = {}): Promise<void> {
  const request = { target: { name: DEV, ...target }, updateMask: { paths }, ...more };
  const [operation] = await setting.client.updateTarget(request);
  await operation.promise();
}

describe("an update", () => {
  test("changes what its mask names and nothing else", async () => {
    await create(
      "dev",
      runTarget({ description: "old", labels: { a: "1" }, requireApproval: true }),
    );
    const before = await readTarget();
    await setting.clock.advance(1000);
    await update({ description: "new", labels: { a: "2" } }, ["description", "require_approval"]);
    const after = await readTarget();
    expect(after).toMatchObject({ description: "new", labels: { a: "1" }, requireApproval: false });
    expect(after).toMatchObject({ uid: before.uid, createTime: before.createTime });
    expect(after.updateTime).not.toEqual(before.updateTime);
    expect(after.etag).not.toBe(before.etag);
  });

  test("with the mask * replaces all that the caller sets", async () => {
    await create("dev", runTarget({ description: "old", labels: { a: "1" } }));
    await update(runTarget({ labels: { b: "2" } }), ["*"]);
    expect(await readTarget()).toMatchObject({
      description: "",
      labels: { b: "2" },
      targetId: "dev",
    });
  });

  test("needs a resource, and what it makes of it must be right", async () => {
    expect(await statusOf(update({ description: "x" }, ["description"]))).toBe("NOT_FOUND");
    await create("dev");
    expect(await statusOf(update({ description: "x" }, ["colour"]))).toBe("INVALID_ARGUMENT");
    expect(await statusOf(update({}, ["run"]))).toBe("INVALID_ARGUMENT");
  });

  test("creates what is missing where that is allowed", async () => {
    await update(runTarget({ description: "made" }), ["*"], { allowMissing: true });
    expect(await readTarget()).toMatchObject({ description: "made" });
  });

  test("is ABORTED with the etag of an older version", async () => {
    await create("dev");
    const etag = (await readTarget()).etag ?? "";
    expect(await statusOf(update({ etag, description: "x" }, ["description"]))).toBe("OK");
    expect(await statusOf(update({ etag, description: "y" }, ["description"]))).toBe("ABORTED");
    expect(await readTarget()).toMatchObject({ description: "x" });
  });
});

describe("a deletion", () => {
  test("needs the resource and its etag, unless missing ones are allowed", async () => {
    const { client } = setting;
    await create("dev");
    expect(await statusOf(client.deleteTarget({ name: DEV, etag: "old" }))).toBe("ABORTED");
    const { etag } = await readTarget();
    expect(await statusOf(client.deleteTarget({ name: DEV, etag: etag ?? "" }))).toBe("OK");
    expect(await statusOf(readTarget())).toBe("NOT_FOUND");
    expect(await statusOf(client.deleteTarget({ name: DEV }))).toBe("NOT_FOUND");
    expect(await statusOf(client.deleteTarget({ name: DEV, allowMissing: true }))).toBe("OK");
  });

  test("of a pipeline with releases is only done by force, with all that is in it", async () => {
    const { client } = setting;
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    const rollout = await createRollout(setting, { release: "r1", target: "dev" });
    expect(await statusOf(client.deleteDeliveryPipeline({ name: PIPELINE }))).toBe(
      "FAILED_PRECONDITION",
    );
    await client.deleteDeliveryPipeline({ name: PIPELINE, force: true });
    expect(await statusOf(client.getRelease({ name: `${PIPELINE}/releases/r1` }))).toBe(
      "NOT_FOUND",
    );
    expect(await statusOf(client.getRollout({ name: rollout }))).toBe("NOT_FOUND");
    await setting.clock.advance(HOUR_MS);
    expect(setting.deploys).toEqual([]);
  });
});
