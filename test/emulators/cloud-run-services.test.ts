import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  API,
  condition,
  createApi,
  digestOf,
  openCloudRun,
  PARENT,
  readApi,
  READY_MS,
  readRevisions,
  REPOSITORY,
  type Setting,
  template,
  textWith,
  updateApi,
} from "./cloud-run-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

describe("a new service", () => {
  test("reconciles until its revision is ready, and the operation ends with the service", async () => {
    const image = setting.registry.push("1", "a");
    const [operation] = await setting.services.createService({
      parent: PARENT,
      serviceId: "api",
      service: { template: template(image) },
    });
    expect(operation.done).toBe(false);
    expect(operation.metadata).toMatchObject({ name: API, reconciling: true });
    await setting.clock.advance(READY_MS - 1);
    const waiting = await readApi(setting);
    expect(waiting).toMatchObject({
      reconciling: true,
      terminalCondition: { type: "Ready", state: "CONDITION_RECONCILING" },
      latestReadyRevision: "",
      trafficStatuses: [],
    });
    await setting.clock.advance(1);
    const [response, metadata] = await operation.promise();
    const ready = await readApi(setting);
    expect(ready).toMatchObject({
      name: API,
      generation: "1",
      observedGeneration: "1",
      reconciling: false,
      terminalCondition: { type: "Ready", state: "CONDITION_SUCCEEDED" },
      uri: `${setting.server.url}/acme-prod/us-central1/api`,
      traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }],
      trafficStatuses: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 100 }],
    });
    expect(ready.latestReadyRevision).toBe(ready.latestCreatedRevision);
    expect(ready.urls).toEqual([ready.uri]);
    expect(ready.conditions?.map(({ type, state }) => [type, state])).toEqual([
      ["RoutesReady", "CONDITION_SUCCEEDED"],
      ["ConfigurationsReady", "CONDITION_SUCCEEDED"],
    ]);
    const settled = { name: API, reconciling: false, etag: ready.etag };
    expect(response).toMatchObject(settled);
    expect(metadata).toMatchObject(settled);
  });

  test("has a revision named after it, whose image is the tag's digest", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const [revision] = await readRevisions(setting);
    expect(revision?.name).toMatch(/\/services\/api\/revisions\/api-00001-[a-z0-9]{3}$/);
    expect(revision?.containers?.[0]?.image).toBe(`${REPOSITORY}@${digestOf("a")}`);
    expect(condition(revision?.conditions, "Active")?.state).toBe("CONDITION_SUCCEEDED");
  });

  test("is refused when it exists already", async () => {
    const service = { template: template(setting.registry.push("1", "a")) };
    await createApi(setting, service);
    await expect(
      setting.services.createService({ parent: PARENT, serviceId: "api", service }),
    ).rejects.toMatchObject({ code: 6 });
  });

  test("is not made by who only wants it looked at, since that is not emulated", async () => {
    const service = { template: template(setting.registry.push("1", "a")) };
    await expect(
      setting.services.createService({
        parent: PARENT,
        serviceId: "api",
        service,
        validateOnly: true,
      }),
    ).rejects.toMatchObject({ code: 12, message: textWith("validateOnly") });
    await expect(readApi(setting)).rejects.toMatchObject({ code: 5 });
  });
});

describe("an update", () => {
  test("of the template makes a new revision that takes the traffic when it is ready", async () => {
    const first = await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const image = setting.registry.push("2", "b");
    await setting.services.updateService({ service: { name: API, template: template(image) } });
    const between = await readApi(setting);
    expect(between.latestReadyRevision).toBe(first.latestCreatedRevision);
    expect(between.latestCreatedRevision).not.toBe(first.latestCreatedRevision);
    expect(between).toMatchObject({ generation: "2", observedGeneration: "1", reconciling: true });
    await setting.clock.advance(READY_MS);
    const after = await readApi(setting);
    expect(after).toMatchObject({ generation: "2", observedGeneration: "2", reconciling: false });
    expect(after.latestReadyRevision).toBe(between.latestCreatedRevision);
    const [second, retired] = await readRevisions(setting);
    expect(condition(second?.conditions, "Active")?.state).toBe("CONDITION_SUCCEEDED");
    expect(condition(retired?.conditions, "Active")).toMatchObject({
      state: "CONDITION_FAILED",
      severity: "INFO",
      revisionReason: "RETIRED",
    });
  });

  test("of a template that is the same makes no revision", async () => {
    const image = setting.registry.push("1", "a");
    const before = await createApi(setting, { template: template(image) });
    const after = await updateApi(setting, { template: template(image) });
    expect(after).toEqual(before);
  });

  test("with a mask changes what is named and nothing else", async () => {
    const before = await createApi(setting, {
      template: template(setting.registry.push("1", "a")),
      labels: { team: "core" },
      description: "first",
    });
    const after = await updateApi(
      setting,
      { labels: { team: "edge" }, description: "ignored" },
      "labels",
    );
    expect(after).toMatchObject({ labels: { team: "edge" }, description: "first" });
    expect(after.template).toEqual(before.template);
    expect(await readRevisions(setting)).toHaveLength(1);
  });

  test("without a mask replaces everything that an owner sets", async () => {
    const image = setting.registry.push("1", "a");
    await createApi(setting, { template: template(image), labels: { team: "core" } });
    const after = await updateApi(setting, { template: template(image) });
    expect(after.labels).toEqual({});
    expect(after.generation).toBe("2");
  });

  test("is refused with an etag that is out of date, and accepted with the present one", async () => {
    const image = setting.registry.push("1", "a");
    const { etag = "" } = await createApi(setting, { template: template(image) });
    const next = await updateApi(setting, { labels: { a: "1" }, etag }, "labels");
    expect(next.etag).not.toBe(etag);
    await expect(updateApi(setting, { labels: { a: "2" }, etag }, "labels")).rejects.toMatchObject({
      code: 10,
    });
    expect((await readApi(setting)).labels).toEqual({ a: "1" });
  });

  test("of a service that is not there is refused, or makes it with allowMissing", async () => {
    const service = { name: API, template: template(setting.registry.push("1", "a")) };
    await expect(setting.services.updateService({ service })).rejects.toMatchObject({ code: 5 });
    await setting.services.updateService({ service, allowMissing: true });
    await setting.clock.advance(READY_MS);
    expect((await readApi(setting)).terminalCondition?.state).toBe("CONDITION_SUCCEEDED");
  });

  test("that names a revision which exists with another content is refused", async () => {
    const revision = "api-blue";
    const first = template(setting.registry.push("1", "a"), { revision });
    await createApi(setting, { template: first });
    const other = template(setting.registry.push("2", "b"), { revision });
    await expect(updateApi(setting, { template: other })).rejects.toMatchObject({ code: 6 });
    expect((await readRevisions(setting)).map(({ name }) => name)).toEqual([
      `${API}/revisions/api-blue`,
    ]);
  });
});

describe("a revision that does not become ready", () => {
  test("is told to be so, and the service keeps serving the last one that is", async () => {
    const before = await createApi(setting, {
      template: template(setting.registry.push("1", "a")),
    });
    const [operation] = await setting.services.updateService({
      service: { name: API, template: template(`${REPOSITORY}:gone`) },
    });
    await setting.clock.advance(READY_MS);
    await expect(operation.promise()).rejects.toMatchObject({
      code: 5,
      message: textWith(`Image '${REPOSITORY}:gone' not found.`),
    });
    const after = await readApi(setting);
    expect(after).toMatchObject({
      reconciling: false,
      generation: "2",
      observedGeneration: "1",
      latestReadyRevision: before.latestReadyRevision,
      trafficStatuses: before.trafficStatuses,
      terminalCondition: { state: "CONDITION_FAILED", reason: "REVISION_FAILED" },
    });
    expect(condition(after.conditions, "ConfigurationsReady")?.state).toBe("CONDITION_FAILED");
    expect(condition(after.conditions, "RoutesReady")?.state).toBe("CONDITION_SUCCEEDED");
    const [failed] = await readRevisions(setting);
    expect(condition(failed?.conditions, "Ready")).toMatchObject({
      state: "CONDITION_FAILED",
      reason: "CONTAINER_MISSING",
    });
  });

  test("because the container does not start says so in its own words", async () => {
    const labels = { "dev.slipway.emulator.start": "fail" };
    const service = await createApi(setting, {
      template: template(setting.registry.push("1", "a", { labels })),
    });
    expect(service.observedGeneration).toBe("0");
    expect(service.terminalCondition?.message).toContain("failed to start and listen on the port");
    const [failed] = await readRevisions(setting);
    expect(condition(failed?.conditions, "Ready")?.revisionReason).toBe(
      "HEALTH_CHECK_CONTAINER_ERROR",
    );
  });
});

describe("deleting", () => {
  test("a service takes its revisions with it", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const [operation] = await setting.services.deleteService({ name: API });
    const [deleted] = await operation.promise();
    expect(deleted.deleteTime).not.toBeNull();
    await expect(readApi(setting)).rejects.toMatchObject({ code: 5 });
    const parent = `${PARENT}/services/-`;
    expect((await setting.revisions.listRevisions({ parent }))[0]).toEqual([]);
  });

  test("a revision is refused while it serves, and possible when it is retired", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const [first] = await readRevisions(setting);
    const name = first?.name ?? "";
    await expect(setting.revisions.deleteRevision({ name })).rejects.toMatchObject({ code: 9 });
    await updateApi(setting, { template: template(setting.registry.push("2", "b")) });
    await setting.revisions.deleteRevision({ name });
    expect((await readRevisions(setting)).map((revision) => revision.name)).not.toContain(name);
  });
});

describe("lists", () => {
  test("page through all services, newest first, and never show another location's", async () => {
    const service = { template: template(setting.registry.push("1", "a")) };
    for (const serviceId of ["one", "two", "three"]) {
      await setting.services.createService({ parent: PARENT, serviceId, service });
      await setting.clock.advance(READY_MS);
    }
    const other = "projects/acme-prod/locations/europe-west1";
    await setting.services.createService({ parent: other, serviceId: "far", service });
    const ids: string[] = [];
    for await (const one of setting.services.listServicesAsync({ parent: PARENT, pageSize: 2 })) {
      ids.push(one.name?.split("/").at(-1) ?? "");
    }
    expect(ids).toEqual(["three", "two", "one"]);
  });

  test("of revisions over all services of a location take the wildcard", async () => {
    const service = { template: template(setting.registry.push("1", "a")) };
    for (const serviceId of ["one", "two"]) {
      await setting.services.createService({ parent: PARENT, serviceId, service });
      await setting.clock.advance(READY_MS);
    }
    const [all] = await setting.revisions.listRevisions({ parent: `${PARENT}/services/-` });
    expect(all.map((revision) => revision.service)).toEqual(["two", "one"]);
  });
});

describe("access policies", () => {
  test("are kept as data and guarded by their etag", async () => {
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
    const [before] = await setting.services.getIamPolicy({ resource: API });
    expect(before.bindings).toEqual([]);
    const [stored] = await setting.services.setIamPolicy({
      resource: API,
      policy: { bindings, etag: before.etag ?? "" },
    });
    expect(stored.bindings).toMatchObject(bindings);
    expect((await setting.services.getIamPolicy({ resource: API }))[0]).toEqual(stored);
    await expect(
      setting.services.setIamPolicy({ resource: API, policy: { etag: before.etag ?? "" } }),
    ).rejects.toMatchObject({ code: 10 });
    const permissions = ["run.services.get"];
    const [tested] = await setting.services.testIamPermissions({ resource: API, permissions });
    expect(tested.permissions).toEqual(permissions);
  });
});
