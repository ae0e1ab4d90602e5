import { afterEach, beforeEach, expect, test } from "vitest";

import {
  type Answer,
  createPair,
  createPolicy,
  aPolicy,
  type IAlertPolicy,
  MINUTE_MS,
  openMonitoring,
  PROJECT_NUMBER,
  type Setting,
} from "./monitoring-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openMonitoring();
});
afterEach(async () => {
  await setting.close();
});

async function list(query: Record<string, string> = {}, project = "acme-prod"): Promise<Answer> {
  const parameters = new URLSearchParams(query).toString();
  return setting.send("GET", `/v3/projects/${project}/alerts?${parameters}`);
}

async function titles(query: Record<string, string> = {}): Promise<readonly unknown[]> {
  const { status, body } = await list(query);
  expect(status).toBe(200);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by what the tests expect
  const alerts = body["alerts"] as { readonly policy: { readonly displayName: string } }[];
  return alerts.map(({ policy }) => policy.displayName);
}

/** Opens an incident of a policy of its own. */
async function openNamed(displayName: string, more: IAlertPolicy = {}): Promise<string> {
  const policy = await createPolicy(setting, aPolicy({ displayName, ...more }));
  setting.server.incidents.open(policy);
  return policy;
}

test("an alert has the documented shape, and its id is the one in the notification", async () => {
  const { policy } = await createPair(setting, { userLabels: { action: "rollback" } });
  const answer = await setting.send("POST", `/emulator/v1/${policy}:open`);
  const id = String(answer.body["name"]).split("/").at(-1) ?? "";
  const alert = {
    name: `projects/acme-prod/alerts/${id}`,
    state: "OPEN",
    openTime: "2026-11-20T10:00:00Z",
    resource: { type: "cloud_run_revision", labels: { project_id: "acme-prod" } },
    policy: {
      name: policy,
      displayName: "api 5xx ratio",
      severity: "ERROR",
      userLabels: { action: "rollback" },
    },
  };
  expect(answer).toEqual({ status: 200, body: alert });
  expect(await list()).toEqual({
    status: 200,
    body: { alerts: [alert], nextPageToken: "", totalSize: 1 },
  });
  expect(setting.published[0]?.body).toMatchObject({ incident: { incident_id: id } });
  await setting.clock.advance(MINUTE_MS);
  const closed = await setting.send("POST", `/emulator/v1/${policy}:close`);
  const ended = { ...alert, state: "CLOSED", closeTime: "2026-11-20T10:01:00Z" };
  expect(closed).toEqual({ status: 200, body: { alerts: [ended] } });
  expect((await list()).body["alerts"]).toEqual([ended]);
});

test("alerts are found by state, policy and user label, the newest first, in their project", async () => {
  const api = await openNamed("api", { userLabels: { action: "rollback" } });
  await openNamed("worker", { userLabels: { action: "rollback" } });
  await openNamed("web");
  setting.server.incidents.close(api);
  expect(await titles()).toEqual(["web", "worker", "api"]);
  expect(await titles({ filter: 'state="OPEN"' })).toEqual(["web", "worker"]);
  expect(await titles({ filter: 'policy.display_name="web"' })).toEqual(["web"]);
  const rollback = 'policy.user_labels.action="rollback"';
  expect(await titles({ filter: `state = "OPEN" AND ${rollback}` })).toEqual(["worker"]);
  expect((await list({}, "elsewhere")).body).toMatchObject({ alerts: [], totalSize: 0 });
  expect((await list({}, PROJECT_NUMBER)).status).toBe(501);
});

test("a list comes in pages", async () => {
  for (const title of ["a", "b", "c"]) {
    await openNamed(title);
  }
  const { body } = await list({ pageSize: "2" });
  expect(body["totalSize"]).toBe(3);
  expect(await titles({ pageToken: String(body["nextPageToken"]) })).toEqual(["a"]);
});

test.each([
  { filter: "state=" },
  { pageSize: "-1" },
  { pageSize: "many" },
  { pageToken: "nonsense" },
  { colour: "red" },
])("a list with %j is refused", async (query) => {
  expect(await list(query)).toMatchObject({
    status: 400,
    body: { error: { code: 400, status: "INVALID_ARGUMENT" } },
  });
});

test("a list fails as the fault plan says", async () => {
  setting.server.faults.add({
    method: "ListAlerts",
    call: 1,
    kind: "status",
    status: "UNAVAILABLE",
  });
  setting.server.faults.add({ method: "ListAlerts", call: 2, kind: "drop-after" });
  expect(await list()).toMatchObject({ status: 503, body: { error: { status: "UNAVAILABLE" } } });
  await expect(list()).rejects.toThrow("fetch failed");
  expect((await list()).status).toBe(200);
  expect(setting.server.faults.calls("ListAlerts")).toBe(3);
});
