import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createPipeline,
  createRollout,
  NUMBERED,
  openCloudDeploy,
  PARENT,
  PIPELINE,
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
const REQUEST_ID = "6f1ed002-ab5c-4e1b-9c3d-0b0f4a5c1d2e";
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

function manyLabels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, "v"]));
}

describe("a resource", () => {
  test("is created with the server's fields, under the project's number, and found by its id too", async () => {
    await create("dev", runTarget({ description: "first", targetId: "ignored", uid: "ignored" }));
    const target = await readTarget();
    expect(target).toMatchObject({
      name: `${NUMBERED}/targets/dev`,
      targetId: "dev",
      description: "first",
      run: { location: "projects/acme-prod/locations/us-central1" },
    });
    expect(target.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(target.createTime).toEqual(target.updateTime);
    expect(await readTarget(`${NUMBERED}/targets/dev`)).toEqual(target);
  });

  test("comes with an operation that says what was done to what", async () => {
    const [operation] = await setting.client.createTarget({
      parent: PARENT,
      targetId: "dev",
      target: runTarget(),
    });
    expect(operation.metadata).toMatchObject({
      target: `${NUMBERED}/targets/dev`,
      verb: "create",
      apiVersion: "v1",
    });
    const [response] = await operation.promise();
    expect(response).toMatchObject({ targetId: "dev" });
  });

  test("cannot be created twice", async () => {
    await create("dev");
    expect(await statusOf(create("dev"))).toBe("ALREADY_EXISTS");
  });

  test.each([
    { what: "63 characters", id: "a".repeat(63), status: "OK" },
    { what: "64 characters", id: "a".repeat(64), status: "INVALID_ARGUMENT" },
    { what: "one letter", id: "a", status: "OK" },
    { what: "nothing", id: "", status: "INVALID_ARGUMENT" },
    { what: "a digit first", id: "1a", status: "INVALID_ARGUMENT" },
    { what: "a hyphen last", id: "a-", status: "INVALID_ARGUMENT" },
    { what: "a capital", id: "aB", status: "INVALID_ARGUMENT" },
    { what: "an underscore", id: "a_b", status: "INVALID_ARGUMENT" },
  ])("with an id of $what is $status", async ({ id, status }) => {
    expect(await statusOf(create(id))).toBe(status);
  });

  test.each([
    { what: "64 labels", fields: { labels: manyLabels(64) }, status: "OK" },
    { what: "65 labels", fields: { labels: manyLabels(65) }, status: "INVALID_ARGUMENT" },
    {
      what: "a label value of 128 bytes",
      fields: { labels: { k: "v".repeat(128) } },
      status: "OK",
    },
    {
      what: "one of 129 bytes",
      fields: { labels: { k: "v".repeat(129) } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a capital in a label key",
      fields: { labels: { teamName: "x" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a digit first in a label key",
      fields: { labels: { "1k": "x" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a dot in a label value",
      fields: { labels: { k: "1.2" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "an annotation with a prefix",
      fields: { annotations: { "acme.dev/Build-ID": "B 7.1" } },
      status: "OK",
    },
    {
      what: "an annotation with two slashes",
      fields: { annotations: { "a/b/c": "x" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "255 characters of description",
      fields: { description: "d".repeat(255) },
      status: "OK",
    },
    {
      what: "256 characters of description",
      fields: { description: "d".repeat(256) },
      status: "INVALID_ARGUMENT",
    },
  ])("with $what is $status", async ({ fields, status }) => {
    expect(await statusOf(create("dev", runTarget(fields)))).toBe(status);
  });
});

describe("a repeated request id", () => {
  const call = { requestId: REQUEST_ID };

  test("gets the same operation again for 60 minutes, and is a new request after that", async () => {
    await create("dev", runTarget(), call);
    const before = await readTarget();
    await setting.clock.advance(HOUR_MS);
    await create("dev", runTarget({ description: "ignored" }), call);
    expect(await readTarget()).toEqual(before);
    await setting.clock.advance(1);
    expect(await statusOf(create("dev", runTarget(), call))).toBe("ALREADY_EXISTS");
  });

  test("makes a repeated delete succeed", async () => {
    await create("dev");
    await setting.client.deleteTarget({ name: DEV, ...call });
    expect(await statusOf(setting.client.deleteTarget({ name: DEV, ...call }))).toBe("OK");
    expect(await statusOf(setting.client.deleteTarget({ name: DEV }))).toBe("NOT_FOUND");
  });

  test("is not remembered for a refused request", async () => {
    expect(await statusOf(create("dev", {}, call))).toBe("INVALID_ARGUMENT");
    expect(await statusOf(create("dev", runTarget(), call))).toBe("OK");
  });

  test.each(["00000000-0000-0000-0000-000000000000", "deploy-1", `${REQUEST_ID}0`])(
    "that is no UUID, as %s, is refused",
    async (requestId) => {
      expect(await statusOf(create("dev", runTarget(), { requestId }))).toBe("INVALID_ARGUMENT");
    },
  );

  test("makes one release and one rollout of several calls", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    const release = { skaffoldConfigUri: "gs://acme-source/source.tar.gz" };
    const request = { parent: PIPELINE, releaseId: "r1", release, ...call };
    const [first] = await setting.client.createRelease(request);
    const [second] = await setting.client.createRelease(request);
    expect(second.name).toBe(first.name);
    await createRollout(setting, { release: "r1", target: "dev" });
    expect(await statusOf(createRollout(setting, { release: "r1", target: "dev" }))).toBe(
      "ALREADY_EXISTS",
    );
  });
});

test("the policy of a resource goes with it, and a new one of its name has none", async () => {
  await create("dev");
  const bindings = [{ role: "roles/clouddeploy.viewer", members: ["user:ann@example.com"] }];
  const url = `${setting.server.url}/v1/${DEV}`;
  const body = JSON.stringify({ policy: { bindings } });
  const set = await fetch(`${url}:setIamPolicy`, { method: "POST", body });
  expect(await set.json()).toMatchObject({ bindings });
  const [operation] = await setting.client.deleteTarget({ name: DEV });
  await operation.promise();
  await create("dev");
  const read: unknown = await (await fetch(`${url}:getIamPolicy`)).json();
  expect(read).not.toHaveProperty("bindings");
});
