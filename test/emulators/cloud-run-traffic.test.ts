import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  API,
  countVersions,
  createApi,
  digestOf,
  openCloudRun,
  PARENT,
  readApi,
  READY_MS,
  readRevisions,
  REPOSITORY,
  request,
  type Setting,
  template,
  textWith,
  updateApi,
} from "./cloud-run-setting.ts";

const BY_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
const LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

/** The short names of the revisions, oldest first. */
async function revisionIds(): Promise<readonly string[]> {
  const revisions = await readRevisions(setting);
  return revisions.map(({ name }) => name?.split("/").at(-1) ?? "").toReversed();
}

/** Makes two revisions that report the versions 1 and 2; the second has the traffic. */
async function twoRevisions(): Promise<readonly [string, string]> {
  await createApi(setting, { template: template(setting.registry.push("1", "a")) });
  await updateApi(setting, { template: template(setting.registry.push("2", "b")) });
  const [first = "", second = ""] = await revisionIds();
  return [first, second];
}

describe("the shares of traffic", () => {
  test("are kept exactly, evenly spread, over any hundred requests", async () => {
    const [first, second] = await twoRevisions();
    const traffic = [
      { type: BY_REVISION, revision: first, percent: 90 },
      { type: BY_REVISION, revision: second, percent: 10 },
    ] as const;
    const split = await updateApi(setting, { traffic: [...traffic] }, "traffic");
    expect(split.trafficStatuses).toMatchObject(traffic);
    expect(await countVersions(setting, 100)).toEqual({ "1": 90, "2": 10 });
    expect(await countVersions(setting, 10)).toEqual({ "1": 9, "2": 1 });
  });

  test("that are pinned give a new revision nothing", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const [first = ""] = await revisionIds();
    const pinned = [{ type: BY_REVISION, revision: first, percent: 100 }] as const;
    await updateApi(setting, { traffic: [...pinned] }, "traffic");
    const after = await updateApi(
      setting,
      { template: template(setting.registry.push("2", "b")) },
      "template",
    );
    expect(after.latestReadyRevision).toMatch(/api-00002-/);
    expect(after.trafficStatuses).toMatchObject(pinned);
    expect(await countVersions(setting, 5)).toEqual({ "1": 5 });
    const latest = [{ type: LATEST, percent: 100 }] as const;
    await updateApi(setting, { traffic: [...latest] }, "traffic");
    expect(await countVersions(setting, 5)).toEqual({ "2": 5 });
  });

  test("that are left out of an update without a mask go to the latest again", async () => {
    const [first] = await twoRevisions();
    const pinned = [{ type: BY_REVISION, revision: first, percent: 100 }] as const;
    const before = await updateApi(setting, { traffic: [...pinned] }, "traffic");
    const after = await updateApi(setting, { template: before.template ?? {} });
    expect(after.trafficStatuses).toMatchObject([{ type: LATEST, percent: 100 }]);
  });

  test.each([
    ["a sum below 100", [{ type: LATEST, percent: 99 }]],
    [
      "a sum above 100",
      [
        { type: LATEST, percent: 60 },
        { type: LATEST, percent: 41 },
      ],
    ],
    [
      "a negative share",
      [
        { type: LATEST, percent: -1 },
        { type: LATEST, percent: 101 },
      ],
    ],
    ["a revision that is not named", [{ type: BY_REVISION, percent: 100 }]],
    ["a named revision by latest", [{ type: LATEST, revision: "api-00001-abc", percent: 100 }]],
    [
      "a repeated tag",
      [
        { type: LATEST, percent: 100, tag: "a" },
        { type: LATEST, tag: "a" },
      ],
    ],
  ] as const)("with %s are refused, and nothing changes", async (_what, traffic) => {
    const before = await createApi(setting, {
      template: template(setting.registry.push("1", "a")),
    });
    await expect(
      updateApi(setting, { traffic: traffic.map((target) => ({ ...target })) }, "traffic"),
    ).rejects.toMatchObject({ code: 3 });
    expect(await readApi(setting)).toEqual(before);
  });

  test("to a revision that does not exist fail, and what was served stays", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const traffic = [{ type: BY_REVISION, revision: "api-00009-zzz", percent: 100 } as const];
    const after = await updateApi(setting, { traffic }, "traffic");
    expect(after.terminalCondition).toMatchObject({
      state: "CONDITION_FAILED",
      message: textWith("does not exist or is deleted"),
    });
    expect(await countVersions(setting, 3)).toEqual({ "1": 3 });
  });

  test("with a tag give the tagged revision an address of its own", async () => {
    const [first] = await twoRevisions();
    const traffic = [
      { type: LATEST, percent: 100 } as const,
      { type: BY_REVISION, revision: first, tag: "before" } as const,
    ];
    const after = await updateApi(setting, { traffic }, "traffic");
    const uri = after.trafficStatuses?.find(({ tag }) => tag === "before")?.uri ?? "";
    expect(await (await fetch(`${uri}/-/version`)).text()).toBe("1");
    expect(await countVersions(setting, 3)).toEqual({ "2": 3 });
  });
});

describe("a revision that serves", () => {
  test("keeps the digest that its tag had, wherever the tag moves", async () => {
    await createApi(setting, { template: template(setting.registry.push("stable", "a")) });
    setting.registry.push("stable", "b");
    const { headers } = await request(setting, "/");
    expect(headers.get("x-image-digest")).toBe(digestOf("a"));
    const [revision] = await readRevisions(setting);
    expect(revision?.containers?.[0]?.image).toBe(`${REPOSITORY}@${digestOf("a")}`);
  });

  test("names service, revision, image and version on its page and in the headers", async () => {
    await createApi(setting, { template: template(setting.registry.push("7", "a")) });
    const [revision = ""] = await revisionIds();
    const { status, text, headers } = await request(setting, "/anything");
    expect(status).toBe(200);
    expect(text.split("\n")).toEqual([
      "service: api",
      `revision: ${revision}`,
      `image: ${REPOSITORY}@${digestOf("a")}`,
      "version: 7",
      "",
    ]);
    expect(headers.get("x-revision")).toBe(revision);
  });

  type Given = {
    readonly own?: string;
    readonly env?: readonly string[];
    readonly label?: string;
  };
  test.each<[string, Given, string]>([
    ["the revision's own VERSION", { own: "own", env: ["VERSION=image"], label: "label" }, "own"],
    ["the image's VERSION", { env: ["VERSION=image"], label: "label" }, "image"],
    ["the image's label", { label: "label" }, "label"],
    ["the tag", {}, "t1"],
  ])("reports %s as its version", async (_what, given, expected) => {
    const { own, env = [], label } = given;
    const labels = label === undefined ? {} : { "org.opencontainers.image.version": label };
    const image = setting.registry.push("t1", "a", { env: [...env], labels });
    const variables = own === undefined ? [] : [{ name: "VERSION", value: own }];
    await createApi(setting, { template: { containers: [{ image, env: variables }] } });
    const { status, text, headers } = await request(setting, "/-/version");
    expect([status, text]).toEqual([200, expected]);
    expect(headers.get("content-type")).toMatch(/^text\/plain/);
  });

  test("is healthy, and asks for the diagnostics secret if it has one", async () => {
    const image = setting.registry.push("1", "a");
    const env = [{ name: "DIAGNOSTICS_SECRET", value: "s3cret" }];
    await createApi(setting, { template: { containers: [{ image, env }] } });
    expect((await request(setting, "/-/healthz")).status).toBe(401);
    expect((await request(setting, "/-/healthz", { authorization: "Bearer no" })).status).toBe(401);
    const allowed = await request(setting, "/-/healthz", { authorization: "Bearer s3cret" });
    expect([allowed.status, allowed.text]).toEqual([200, "ok"]);
    expect((await request(setting, "/-/version")).status).toBe(200);
  });

  test("is sick from the start when its image says so, with the status that it names", async () => {
    const labels = { "dev.slipway.emulator.healthz": "500" };
    await createApi(setting, { template: template(setting.registry.push("1", "a", { labels })) });
    const answer = await request(setting, "/-/healthz");
    expect(answer.status).toBe(500);
    expect(answer.headers.get("x-image-digest")).toBe(digestOf("a"));
  });

  test("falls sick after the seconds that its image names, and not a moment sooner", async () => {
    const labels = { "dev.slipway.emulator.healthz-after": "30" };
    await createApi(setting, { template: template(setting.registry.push("1", "a", { labels })) });
    await setting.clock.advance(29_999);
    expect((await request(setting, "/-/healthz")).status).toBe(200);
    await setting.clock.advance(1);
    expect((await request(setting, "/-/healthz")).status).toBe(503);
  });
});

test("without a registry every image exists and keeps the digest that it is named by", async () => {
  const free = await openCloudRun({ registry: null });
  await createApi(free, { template: template(`example/api@${digestOf("e")}`) });
  const named = await request(free, "/-/version");
  expect([named.status, named.text]).toEqual([200, digestOf("e")]);
  await updateApi(free, { template: template("example/api:2") });
  const tagged = await request(free, "/-/version");
  expect(tagged.text).toBe("2");
  expect(tagged.headers.get("x-image-digest")).toMatch(/^sha256:[0-9a-f]{64}$/);
  await free.close();
});

describe("where nothing serves", () => {
  test("a service whose first revision is starting answers 503, and then the revision", async () => {
    const service = { template: template(setting.registry.push("1", "a")) };
    await setting.services.createService({ parent: PARENT, serviceId: "api", service });
    const early = await request(setting, "/");
    expect(early.status).toBe(503);
    expect(early.text).toContain("no revision that is ready");
    await setting.clock.advance(READY_MS);
    expect((await request(setting, "/")).status).toBe(200);
  });

  test("a service whose first revision failed says why", async () => {
    await createApi(setting, { template: template(`${REPOSITORY}:gone`) });
    const answer = await request(setting, "/");
    expect(answer.status).toBe(503);
    expect(answer.text).toContain(`Image '${REPOSITORY}:gone' not found.`);
  });

  test("a service or a tag that does not exist is not found", async () => {
    expect((await request(setting, "/")).status).toBe(404);
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    await setting.services.deleteService({ name: API });
    expect((await request(setting, "/")).status).toBe(404);
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const tagged = `${setting.server.url}/acme-prod/us-central1/none---api/`;
    expect((await fetch(tagged)).status).toBe(404);
  });
});
