import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { statusOf } from "../../shared/adapters/google-errors.ts";
import { edit, readSpec } from "../unit/spec-support.ts";
import { actionsOf, containing, openApply, PARENT, recorded, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const TESTBED = sample("msp-testbed");

let setting: ApplySetting;
beforeEach(async () => {
  setting = await openApply();
});
afterEach(async () => {
  await setting.close();
});

async function expectUntouched(): Promise<void> {
  const [targets] = await setting.client.listTargets({ parent: PARENT });
  expect(targets).toEqual([]);
  expect(setting.storage.faults.calls("buckets.get")).toBe(0);
  expect(setting.memory.world.store.services.size).toBe(0);
}

describe("a specification that cannot be used touches nothing", () => {
  test("with mistakes, all of which are told", async () => {
    const outcome = await setting.apply(readSpec("ten-mistakes"));
    expect(outcome.kind).toBe("invalid");
    expect(outcome.problems).toHaveLength(10);
    await expectUntouched();
  });

  test.each([
    ["no image at all", "  image: us-central1-docker.pkg.dev/slipway-local/apps/msp-example\n", ""],
    [
      "an image of another registry",
      "us-central1-docker.pkg.dev/slipway-local/apps/",
      "ghcr.io/a/",
    ],
  ])("with %s", async (_case, from, to) => {
    const outcome = await setting.apply(edit(TESTBED, [from, to]));
    expect(outcome.kind).toBe("invalid");
    const line = TESTBED.split("\n").findIndex((text) => text.includes(from.trim())) + 1;
    expect(outcome.problems.filter(({ path }) => path === "build.image")).toEqual([
      {
        severity: "error",
        path: "build.image",
        line,
        column: to === "" ? 3 : 10,
        message: containing("must be a repository of Artifact Registry"),
      },
    ]);
    await expectUntouched();
  });
});

describe("what goes wrong on the way", () => {
  test("a refusal is thrown; the next time goes on from there", async () => {
    const { faults } = setting.cloudDeploy;
    faults.add({
      method: "CreateDeliveryPipeline",
      call: 1,
      kind: "status",
      status: "PERMISSION_DENIED",
    });
    await expect(setting.apply(TESTBED)).rejects.toMatchObject({
      status: "PERMISSION_DENIED",
      message: containing("msp-testbed-us-central1-rollout"),
    });
    expect(setting.memory.world.store.services.size).toBe(0);
    const outcome = await setting.apply(TESTBED);
    expect(actionsOf(outcome).filter((action) => action.startsWith("create"))).toEqual([
      "create delivery pipeline msp-testbed-us-central1-rollout",
      "create alert policy MSP Testbed in dev: Too many server errors",
      "create alert policy MSP Testbed in prod: Too many server errors",
      "create service msp-testbed",
    ]);
  });

  test.each(["CreateTarget", "CreateDeliveryPipeline"])(
    "an answer to %s that is lost does no harm",
    async (method) => {
      setting.cloudDeploy.faults.add({ method, call: 1, kind: "drop-after" });
      expect(await setting.apply(TESTBED)).toMatchObject({ kind: "applied", isChanged: true });
      expect(await setting.apply(TESTBED)).toMatchObject({ kind: "applied", isChanged: false });
    },
  );

  test.each(["storage/buckets.insert", "storage/objects.insert"])(
    "an answer to %s that is lost does no harm",
    async (method) => {
      setting.storage.faults.add({ method, call: 1, kind: "drop-after" });
      expect(await setting.apply(TESTBED)).toMatchObject({ kind: "applied", isChanged: true });
      expect(setting.storage.read(recorded(setting, "msp-testbed").sourceUri)).not.toBeNull();
    },
  );

  test("two at once both succeed or say that it changed meanwhile", async () => {
    const outcomes = await Promise.allSettled([setting.apply(TESTBED), setting.apply(TESTBED)]);
    for (const outcome of outcomes) {
      const status = outcome.status === "fulfilled" ? "OK" : statusOf(outcome.reason);
      expect(["OK", "ALREADY_EXISTS"]).toContain(status);
    }
    expect(await setting.apply(TESTBED)).toMatchObject({ kind: "applied" });
    expect(await setting.apply(TESTBED)).toMatchObject({ kind: "applied", isChanged: false });
  });
});

/** A specification like the fixture's, of another service with another first environment. */
function named(service: string, environment: string): string {
  return readSpec("base")
    .replaceAll("id: web\n", `id: ${service}\n`)
    .replaceAll("web-", `${service}-`)
    .replaceAll(/(environment: |- id: |-)dev\b/g, `$1${environment}`);
}

function sharing(text: string, other: string): string {
  return `${text}delivery: {sharesWith: [${other}]}\n`;
}

test("a service whose names meet another's is refused before anything is touched", async () => {
  await setting.apply(sharing(named("a", "b-c"), "a-b"));
  const clash = sharing(named("a-b", "c"), "a");
  const before = setting.cloudDeploy.faults.calls("CreateTarget");
  await expect(setting.apply(clash)).rejects.toMatchObject({
    status: "FAILED_PRECONDITION",
    message: containing("belongs to service a:"),
  });
  expect(setting.cloudDeploy.faults.calls("CreateTarget")).toBe(before);
});

test("a service that claims what another has is refused before anything is touched", async () => {
  await setting.apply(named("a", "b-c"));
  const before = setting.cloudDeploy.faults.calls("CreateTarget");
  const outcome = await setting.apply(named("a-b", "d"));
  expect(actionsOf(outcome)).toContainEqual(containing("belongs to service a: if both are to"));
  expect(setting.cloudDeploy.faults.calls("CreateTarget")).toBe(before);
});
