import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { releaseId } from "../../shared/domain/ids.ts";
import { AuditList, HoldView } from "../../shared/wire/api/schemas.ts";
import { aDigest, anImage, aService } from "../support/builders.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { happen, install } from "../support/storm.ts";

const service = aService();
const release = releaseId(aDigest(1), service.revision);
let api: ApiWorld;

beforeAll(async () => {
  api = await startApiWorld();
  await install(api.memory.ports, service);
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
});

afterAll(async () => {
  await api.close();
});

async function withToken(token: string | null): Promise<Response> {
  const headers: Record<string, string> =
    token === null ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${api.url}/v1/services`, { headers });
}

describe("a caller", () => {
  test("without a token is told how to get one", async () => {
    const response = await withToken(null);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { code: 401, status: "UNAUTHENTICATED", message: matching(/slipway token/) },
    });
  });

  test.each([
    ["for another audience", { email: PEOPLE.viewer, audience: "https://other.example.com" }],
    ["that has expired", { email: PEOPLE.viewer, lifetimeSeconds: -3600 }],
    [
      "of an address that is not verified",
      { email: PEOPLE.viewer, claims: { email_verified: false } },
    ],
  ])("with a token %s is not known", async (_, request) => {
    const response = await withToken(await api.mint(request));
    expect(response.status).toBe(401);
  });

  test("with a token that somebody changed is not known", async () => {
    const token = await api.mint({ email: PEOPLE.viewer });
    expect((await withToken(`${token.slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await withToken("nonsense")).status).toBe(401);
  });

  test.each([
    ["a stranger may not look", "stranger", "GET /v1/services", undefined],
    ["a viewer may not promote", "viewer", "POST /v1/services/web/environments/prod:promote", {}],
    ["a viewer may not hold", "viewer", "POST /v1/holds", { reason: "x" }],
    ["a viewer may not make releases", "viewer", "POST /v1/services/web/releases", { image: "x" }],
    [
      "a deployer may not break the glass",
      "deployer",
      "POST /v1/services/web/environments/prod:promote",
      { breakGlass: true, reason: "now" },
    ],
  ] as const)("%s", async (_, who, line, body) => {
    const { status, body: answer } = await api.call(who, line, body);
    expect(status).toBe(403);
    expect(answer).toMatchObject({ error: { status: "PERMISSION_DENIED" } });
  });
});

describe("reading", () => {
  test("a service shows what is where", async () => {
    const { status, body } = await api.call("viewer", "GET /v1/services/web");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: "web",
      environments: [
        {
          id: "dev",
          stage: 0,
          current: { release, tag: "v1" },
          promotion: null,
          holds: [],
          incidents: [],
          drift: null,
        },
        { id: "prod", stage: 1, current: null },
      ],
    });
  });

  test("services, releases, promotions, the timeline and the record are lists", async () => {
    const lists = [
      ["/v1/services", "services"],
      ["/v1/services/web/releases", "releases"],
      ["/v1/services/web/promotions", "promotions"],
      ["/v1/services/web/timeline", "entries"],
      ["/v1/audit?service=web", "records"],
      ["/v1/holds", "holds"],
    ] as const;
    for (const [path, field] of lists) {
      const { status, body } = await api.call("viewer", `GET ${path}`);
      expect(status, path).toBe(200);
      expect(body, path).toHaveProperty(field);
      expect(body, path).toHaveProperty("nextPageToken");
    }
  });

  test("a release and a promotion are found by their id", async () => {
    const one = await api.call("viewer", `GET /v1/services/web/releases/${release}`);
    expect(one.body).toMatchObject({
      id: release,
      state: "DEPLOYED",
      image: `${service.image}@${aDigest(1)}`,
    });
    const two = await api.call("viewer", `GET /v1/promotions/${release}-to-dev-0001`);
    expect(two.body).toMatchObject({
      state: "SUCCEEDED",
      steps: [{ name: "gates" }, { name: "rollout" }],
    });
  });

  test("the record comes in pages that follow on one another", async () => {
    const first = await api.call("viewer", "GET /v1/audit?service=web&pageSize=2");
    expect(first.body).toMatchObject({ records: [{ sequence: 1 }, { sequence: 2 }] });
    const { nextPageToken } = AuditList.parse(first.body);
    const line = `GET /v1/audit?service=web&pageSize=2&pageToken=${nextPageToken}`;
    const next = await api.call("viewer", line);
    expect(next.body).toMatchObject({ records: [{ sequence: 3 }, { sequence: 4 }] });
    const after = await api.call("viewer", "GET /v1/audit?service=web&after=3");
    expect(after.body).toHaveProperty("records.0.sequence", 4);
  });

  test("the description names every call as callers write it", async () => {
    const response = await fetch(`${api.url}/openapi.json`);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ openapi: "3.1.0" });
    expect(body).toHaveProperty([
      "paths",
      "/v1/services/{service}/environments/{environment}:promote",
      "post",
    ]);
    expect(body).toHaveProperty(["components", "schemas", "Promotion"]);
  });

  test.each([
    "GET /v1/services/moon",
    "GET /v1/services/Not%20an%20id",
    "GET /v1/services/web/releases/r-none",
    "GET /v1/promotions/none",
    "GET /v1/services/web/environments/prod",
    "POST /v1/services/web/environments/prod:fly",
    "POST /v1/services/web/environments/moon:promote",
    "DELETE /v1/holds/hold-none",
    "GET /v2/services",
  ])("%s is not found, and says what is", async (line) => {
    const { status, body } = await api.call("oncall", line);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      error: { code: 404, status: "NOT_FOUND", message: matching(/there is no|has no/) },
    });
  });
});

describe("malformed requests", () => {
  test.each([
    ["a page size that is no number", "GET /v1/services?pageSize=many", undefined],
    ["a page token of ours that is none", "GET /v1/audit?service=web&pageToken=x", undefined],
    ["an unknown field", "POST /v1/services/web/environments/prod:promote", { relase: "r-1" }],
    [
      "a field of the wrong type",
      "POST /v1/services/web/environments/prod:promote",
      { wait: "no" },
    ],
    [
      "breaking the glass without a reason",
      "POST /v1/services/web/environments/prod:promote",
      { breakGlass: true },
    ],
    ["a hold without a reason", "POST /v1/holds", {}],
    [
      "a hold with an end in the past",
      "POST /v1/holds",
      { reason: "x", until: "2020-01-01T00:00:00Z" },
    ],
    ["a hold with an end that is no time", "POST /v1/holds", { reason: "x", until: "tomorrow" }],
    [
      "a hold on an environment of no service",
      "POST /v1/holds",
      { reason: "x", environment: "prod" },
    ],
    ["an image of another repository", "POST /v1/services/web/releases", { image: "a/b@sha256:1" }],
  ])("%s is refused by name", async (_, line, body) => {
    const { status, body: answer } = await api.call("oncall", line, body);
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      error: { code: 400, status: "INVALID_ARGUMENT", message: matching(/\S{3}/) },
    });
  });

  test("a body that is not JSON is refused", async () => {
    const token = await api.mint({ email: PEOPLE.deployer });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const url = `${api.url}/v1/services/web/environments/prod:promote`;
    const response = await fetch(url, { method: "POST", headers, body: "{" });
    expect(response.status).toBe(400);
  });

  test("a body that is not declared as JSON is refused and not passed over", async () => {
    const token = await api.mint({ email: PEOPLE.deployer });
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-www-form-urlencoded",
    };
    const url = `${api.url}/v1/services/web/environments/prod:promote`;
    const response = await fetch(url, { method: "POST", headers, body: '{"validateOnly":true}' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("content-type: application/json");
  });
});

describe("acting", () => {
  test("a promotion is tried out without being made", async () => {
    const line = "POST /v1/services/web/environments/prod:promote";
    const { status, body } = await api.call("deployer", line, { validateOnly: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ release, state: "RUNNING" });
    const { body: shown } = await api.call("viewer", "GET /v1/services/web");
    expect(shown).toMatchObject({ environments: [{}, { promotion: null }] });
  });

  test("a hold parks a promotion until it is lifted, and 409 when it must not wait", async () => {
    const line = "POST /v1/services/web/environments/prod:promote";
    const hold = { service: "web", environment: "prod", reason: "the database moves" };
    const placed = await api.call("oncall", "POST /v1/holds", hold);
    expect(placed.status).toBe(201);
    expect(placed.body).toMatchObject({ scope: "environment", by: `user:${PEOPLE.oncall}` });
    const refused = await api.call("deployer", line, { wait: false });
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({
      error: {
        status: "FAILED_PRECONDITION",
        details: [{ gates: [{ gate: "hold", verdict: "CLOSED" }] }],
      },
    });
    const parked = await api.call("deployer", line, {});
    expect(parked.status).toBe(202);
    expect(parked.body).toMatchObject({ state: "WAITING", requestedBy: `user:${PEOPLE.deployer}` });
    const { body } = await api.call("viewer", "GET /v1/holds");
    expect(body).toMatchObject({ holds: [{ reason: "the database moves" }] });
    const { id } = HoldView.parse(placed.body);
    const lifted = await api.call("oncall", `DELETE /v1/holds/${id}`);
    expect(lifted.status).toBe(200);
    await happen(api.memory, { kind: "roll", isNotified: true });
    const { body: shown } = await api.call("viewer", "GET /v1/services/web");
    expect(shown).toMatchObject({ environments: [{}, { current: { release } }] });
  });

  test("an image in the registry is made a release, once, by digest and by tag", async () => {
    api.memory.world.images.set(service.image, [anImage(1), anImage(2)]);
    const image = `${service.image}@${aDigest(2)}`;
    const made = await api.call("deployer", "POST /v1/services/web/releases", { image });
    expect(made.status).toBe(201);
    const again = await api.call("deployer", "POST /v1/services/web/releases", {
      image: `${service.image}:v2`,
    });
    expect(again.body).toEqual(made.body);
    const missing = { image: `${service.image}@${aDigest(9)}` };
    expect((await api.call("deployer", "POST /v1/services/web/releases", missing)).status).toBe(
      404,
    );
  });

  test("a promotion is cancelled", async () => {
    const line = `POST /v1/promotions/${releaseId(aDigest(2), service.revision)}-to-dev-0002:cancel`;
    const { status } = await api.call("deployer", line, { reason: "wrong one" });
    expect(status).toBe(200);
    await happen(api.memory, { kind: "roll", isNotified: true });
    const { body } = await api.call("viewer", "GET /v1/services/web/promotions");
    expect(body).toMatchObject({ promotions: [{ state: "CANCELLED" }, {}, {}] });
  });

  test("a store that cannot be reached is 503 with a time to come back", async () => {
    api.memory.calls.outages.set("store.read", "transient");
    const { status, headers, body } = await api.call("viewer", "GET /v1/services/web");
    api.memory.calls.outages.delete("store.read");
    expect(status).toBe(503);
    expect(headers.get("retry-after")).toBe("5");
    expect(body).toMatchObject({ error: { status: "UNAVAILABLE" } });
  });
});

function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
