import { afterEach, beforeEach, expect, test } from "vitest";

import {
  type Answer,
  createPair,
  createPolicy,
  aPolicy,
  HOUR_MS,
  LOG_MATCH,
  MINUTE_MS,
  openMonitoring,
  PROJECT_NUMBER,
  RATE_LIMIT,
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

async function services(query: Record<string, string> = {}): Promise<readonly unknown[]> {
  const { status, body } = await list(query);
  expect(status).toBe(200);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by what the tests expect
  const alerts = body["alerts"] as {
    readonly resource: { readonly labels: Record<string, string> };
  }[];
  return alerts.map(({ resource }) => resource.labels["service_name"]);
}

function open(policy: string, service: string): string {
  const resource = { labels: { service_name: service } };
  return setting.server.incidents.open(policy, { resource }).id;
}

test("an alert has the documented shape, and its id is the one in the notification", async () => {
  const { policy } = await createPair(setting, { userLabels: { action: "rollback" } });
  const answer = await setting.send("POST", `/emulator/v1/${policy}:open`, {
    resource: { labels: { service_name: "api", location: "us-central1" } },
    metric: { labels: { response_code_class: "5xx" } },
    severity: "CRITICAL",
    summary: "too many errors",
  });
  const id = String(answer.body["name"]).split("/").at(-1) ?? "";
  const alert = {
    name: `projects/acme-prod/alerts/${id}`,
    state: "OPEN",
    openTime: "2026-11-20T10:00:00Z",
    resource: {
      type: "cloud_run_revision",
      labels: { project_id: "acme-prod", service_name: "api", location: "us-central1" },
    },
    metadata: { systemLabels: {}, userLabels: {} },
    metric: {
      type: "run.googleapis.com/request_count",
      labels: { response_code_class: "5xx" },
    },
    policy: {
      name: policy,
      displayName: "api 5xx ratio",
      severity: "CRITICAL",
      userLabels: { action: "rollback" },
    },
  };
  expect(answer).toEqual({ status: 200, body: alert });
  expect(await list()).toEqual({
    status: 200,
    body: { alerts: [alert], nextPageToken: "", totalSize: 1 },
  });
  expect(setting.published[0]?.body).toMatchObject({
    incident: { incident_id: id, severity: "Critical", summary: "too many errors" },
  });
  await setting.clock.advance(MINUTE_MS);
  const closed = await setting.send("POST", `/emulator/v1/${policy}:close`, { alert: id });
  const ended = { ...alert, state: "CLOSED", closeTime: "2026-11-20T10:01:00Z" };
  expect(closed).toEqual({ status: 200, body: { alerts: [ended] } });
  expect(await setting.send("GET", `/v3/${alert.name}`)).toEqual({ status: 200, body: ended });
});

test("alerts are found by state, policy and user label, also combined", async () => {
  const first = await createPolicy(setting, aPolicy({ userLabels: { action: "rollback" } }));
  const second = await createPolicy(setting, aPolicy({ displayName: "web latency" }));
  const api = open(first, "api");
  open(first, "worker");
  open(second, "web");
  setting.server.incidents.close(first, { alert: api });
  expect(await services({ filter: 'state="OPEN"' })).toEqual(["web", "worker"]);
  expect(await services({ filter: 'policy.display_name="web latency"' })).toEqual(["web"]);
  const rollback = 'policy.user_labels.action="rollback"';
  expect(await services({ filter: rollback })).toEqual(["worker", "api"]);
  expect(await services({ filter: `state = "OPEN" AND ${rollback}` })).toEqual(["worker"]);
  expect(await services({ filter: 'state="CLOSED"' })).toEqual(["api"]);
});

test("alerts are listed newest first unless told otherwise, and by id or number of the project", async () => {
  const policy = await createPolicy(setting, aPolicy());
  open(policy, "a");
  await setting.clock.advance(MINUTE_MS);
  open(policy, "b");
  expect(await services()).toEqual(["b", "a"]);
  expect(await services({ orderBy: "open_time" })).toEqual(["a", "b"]);
  expect(await services({ orderBy: "close_time desc, open_time asc" })).toEqual(["a", "b"]);
  expect(await list({}, PROJECT_NUMBER)).toEqual(await list());
  expect((await list({}, "elsewhere")).body).toMatchObject({ alerts: [], totalSize: 0 });
});

test("a list comes in pages of 50, or as many as asked for, and the token ends with 72 hours", async () => {
  const policy = await createPolicy(setting, aPolicy());
  for (let number = 1; number <= 51; number += 1) {
    open(policy, String(number));
  }
  const { body } = await list();
  expect(body["alerts"]).toHaveLength(50);
  expect(body["totalSize"]).toBe(51);
  const pageToken = String(body["nextPageToken"]);
  await setting.clock.advance(72 * HOUR_MS);
  expect(await services({ pageToken })).toEqual(["1"]);
  expect((await list({ pageToken, filter: 'state="OPEN"' })).status).toBe(400);
  await setting.clock.advance(1);
  expect(await list({ pageToken })).toMatchObject({
    status: 400,
    body: { error: { status: "INVALID_ARGUMENT" } },
  });
  expect(await services({ pageSize: "2" })).toEqual(["51", "50"]);
});

test("an alert of a log-based policy has the labels extracted from the log", async () => {
  const conditions = [LOG_MATCH];
  const policy = await createPolicy(setting, aPolicy({ conditions, alertStrategy: RATE_LIMIT }));
  setting.server.incidents.open(policy, { logLabels: { host: "a" } });
  expect((await list()).body).toMatchObject({
    alerts: [{ log: { extractedLabels: { host: "a" } } }],
  });
});

test.each([
  { filter: "state=" },
  { orderBy: "severity" },
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

test("an alert that does not exist is not found", async () => {
  expect(await setting.send("GET", "/v3/projects/acme-prod/alerts/0.none")).toMatchObject({
    status: 404,
    body: { error: { code: 404, status: "NOT_FOUND" } },
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
