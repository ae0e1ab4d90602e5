import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startCloudBilling } from "../../emulators/cloud-billing/server.ts";
import { type CloudAccess, createCloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { startResourceManager } from "../../emulators/resource-manager/server.ts";
import { startServiceUsage } from "../../emulators/service-usage/server.ts";
import { type Answer, asking, PROJECTS } from "./iam-setting.ts";

const PUBSUB = "pubsub.googleapis.com";
const ANN = "user:ann@example.com";
const SERVICES = "v1/projects/acme/services";

let clock: ManualClock;
let access: CloudAccess;
let servers: readonly { readonly close: () => Promise<void> }[];
let manager: (method: string, path: string, body?: unknown) => Promise<Answer>;
let billing: typeof manager;
let services: typeof manager;

beforeEach(async () => {
  clock = manualClock();
  access = createCloudAccess();
  access.use({ identify: () => ({ member: ANN }) });
  for (const project of ["acme", "poor"]) {
    access.policies.set(`projects/${project}`, {
      bindings: [{ role: "roles/owner", members: [ANN] }],
    });
  }
  const options = { clock, access, projects: PROJECTS };
  const one = await startResourceManager(options);
  const two = await startCloudBilling(options);
  const usage = await startServiceUsage({ ...options, enabled: ["run.googleapis.com"] });
  servers = [one, two, usage];
  manager = asking(() => one.url);
  billing = asking(() => two.url);
  services = asking(() => usage.url);
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

describe("projects", () => {
  test("are found by id and by number, in both versions", async () => {
    const project = {
      name: "projects/123456789012",
      projectId: "acme",
      state: "ACTIVE",
      displayName: "Acme",
    };
    expect((await manager("GET", "v3/projects/acme")).body).toMatchObject(project);
    expect((await manager("GET", "v3/projects/123456789012")).body).toMatchObject(project);
    expect((await manager("GET", "v1/projects/acme")).body).toMatchObject({
      projectNumber: "123456789012",
      projectId: "acme",
      lifecycleState: "ACTIVE",
    });
  });

  test("that are not there are refused like those that may not be seen", async () => {
    const none = await manager("GET", "v3/projects/none");
    expect(none.status).toBe(403);
    expect(JSON.stringify(none.body)).toContain("'resourcemanager.projects.get' denied");
    expect((await manager("GET", "v3/projects:search?query=id:ac*")).body).toMatchObject({
      projects: [{ projectId: "acme" }],
    });
    access.policies.set("projects/acme", {});
    expect((await manager("GET", "v3/projects/acme")).status).toBe(403);
    expect((await manager("GET", "v3/projects:search")).body).toMatchObject({
      projects: [{ projectId: "poor" }],
    });
  });

  test("have one policy, whatever they are called by", async () => {
    const { body } = await manager("POST", "v1/projects/123456789012:getIamPolicy");
    expect(body).toMatchObject({ bindings: [{ role: "roles/owner", members: [ANN] }] });
    const viewer = { role: "roles/viewer", members: ["group:eng@example.com"] };
    const bindings = [{ role: "roles/owner", members: [ANN] }, viewer];
    const policy = { etag: body["etag"], bindings };
    expect((await manager("POST", "v3/projects/acme:setIamPolicy", { policy })).body).toMatchObject(
      { bindings },
    );
    expect((await manager("POST", "v3/projects/acme:setIamPolicy", { policy })).status).toBe(409);
    const permissions = ["run.services.get", "run.services.nothing"];
    const tested = await manager("POST", "v3/projects/acme:testIamPermissions", { permissions });
    expect(tested.body).toEqual({ permissions: ["run.services.get"] });
  });

  test("say whether somebody pays for them", async () => {
    expect((await billing("GET", "v1/projects/acme/billingInfo")).body).toMatchObject({
      projectId: "acme",
      billingEnabled: true,
    });
    expect((await billing("GET", "v1/projects/poor/billingInfo")).body).toMatchObject({
      billingAccountName: "",
      billingEnabled: false,
    });
    expect((await billing("GET", "v1/projects/none/billingInfo")).status).toBe(403);
  });
});

describe("APIs", () => {
  test("are listed by whether they are enabled, and enabled one by one or many at once", async () => {
    expect((await services("GET", `${SERVICES}?filter=state:ENABLED`)).body).toMatchObject({
      services: [{ name: "projects/123456789012/services/run.googleapis.com", state: "ENABLED" }],
    });
    const begun = await services("POST", `${SERVICES}/pubsub.googleapis.com:enable`, {});
    const operation = await services("GET", `v1/${String(begun.body["name"])}`);
    expect(operation.body).toMatchObject({
      done: true,
      response: { service: { state: "ENABLED" } },
    });
    const serviceIds = ["iam.googleapis.com", "run.googleapis.com"];
    await services("POST", `${SERVICES}:batchEnable`, { serviceIds });
    const again = await services("POST", `${SERVICES}:batchEnable`, { serviceIds });
    expect(again.body).toMatchObject({ name: "operations/noop.DONE_OPERATION", done: true });
    for (const [id, state] of [
      ["iam", "ENABLED"],
      ["storage", "DISABLED"],
    ] as const) {
      const read = await services("GET", `${SERVICES}/${id}.googleapis.com`);
      expect(read.body).toMatchObject({ state });
    }
  });

  test("answer once they are enabled, in their own project", async () => {
    expect(access.directory().isEnabled(PUBSUB, "acme")).toBe(false);
    await services("POST", `${SERVICES}/pubsub.googleapis.com:enable`, {});
    expect(access.directory().isEnabled(PUBSUB, "acme")).toBe(true);
    expect(access.directory().isEnabled(PUBSUB, "poor")).toBe(false);
    await services("POST", `${SERVICES}/pubsub.googleapis.com:disable`, {});
    expect(access.directory().isEnabled(PUBSUB, "acme")).toBe(false);
  });

  test.each([
    [
      "one that is not there",
      `${SERVICES}/none.googleapis.com:enable`,
      {},
      403,
      "Not found or permission denied",
    ],
    ["none", `${SERVICES}:batchEnable`, { serviceIds: [] }, 400, "Between 1 and 20"],
    [
      "21",
      `${SERVICES}:batchEnable`,
      { serviceIds: Array.from({ length: 21 }, () => "run.googleapis.com") },
      400,
      "not 21",
    ],
    [
      "one of a project that nobody pays for",
      "v1/projects/poor/services/pubsub.googleapis.com:enable",
      {},
      400,
      "Billing must be enabled",
    ],
  ])("cannot be enabled: %s", async (_, path, body, status, reason) => {
    const refused = await services("POST", path, body);
    expect(refused.status).toBe(status);
    expect(JSON.stringify(refused.body)).toContain(reason);
  });

  test("have agents, which policies may name once they were asked for", async () => {
    const agent = "service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com";
    const bindings = [{ role: "roles/pubsub.publisher", members: [`serviceAccount:${agent}`] }];
    const bind = (): unknown => access.policies.set("projects/acme/topics/dead", { bindings });
    expect(bind).toThrow("does not exist");
    const path = "v1beta1/projects/acme/services/pubsub.googleapis.com:generateServiceIdentity";
    const begun = await services("POST", path, {});
    const operation = await services("GET", `v1/${String(begun.body["name"])}`);
    expect(operation.body).toMatchObject({ response: { email: agent } });
    expect(bind).not.toThrow();
  });
});
