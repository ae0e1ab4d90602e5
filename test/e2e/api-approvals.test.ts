import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";

const PROD = "/v1/services/web/environments/prod";
const APPROVALS = { required: 1, from: [], notRequester: true, notAuthor: false };
const service = aService({
  environments: [
    anEnvironment("dev"),
    anEnvironment("prod", {
      stage: 1,
      category: "external",
      policy: aPolicy({
        approvals: APPROVALS,
        access: {
          promote: [`user:${PEOPLE.deployer}`, `user:${PEOPLE.approver}`],
          approve: [],
          breakGlass: [],
        },
      }),
    }),
  ],
});
let api: ApiWorld;

beforeEach(async () => {
  api = await startApiWorld();
  await install(api.memory.ports, service);
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
});
afterEach(async () => {
  await api.close();
});

/** Asks for the promotion to prod. Gives the path of what is parked. */
async function ask(who: keyof typeof PEOPLE = "deployer"): Promise<string> {
  const { status, body } = await api.call(who, `POST ${PROD}:promote`, {});
  expect(status).toBe(202);
  const promotion = PromotionView.parse(body);
  expect(promotion.state).toBe("WAITING");
  return `/v1/promotions/${promotion.id}`;
}

describe("an approval", () => {
  test("of somebody who may lets the promotion start, and is shown with its comment", async () => {
    const promotion = await ask();
    const { status, body } = await api.call("approver", `POST ${promotion}:approve`, {
      comment: "seen in dev",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: "RUNNING",
      approvals: [{ by: `user:${PEOPLE.approver}`, comment: "seen in dev" }],
    });
  });

  test("of a release whose image is gone ends the promotion, and says so", async () => {
    const promotion = await ask();
    api.memory.world.images.clear();
    await api.call("approver", `POST ${promotion}:approve`, {});
    const { body } = await api.call("viewer", `GET ${promotion}`);
    expect(PromotionView.parse(body).state).toBe("FAILED");
    expect(JSON.stringify(body)).toContain("the image is gone from the registry");
  });

  test("needs no body", async () => {
    const promotion = await ask();
    const { status, body } = await api.call("approver", `POST ${promotion}:approve`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "RUNNING" });
  });

  test.each(["viewer", "deployer", "oncall"] as const)(
    "of %s, who has no right to, is refused and counts for nothing",
    async (who) => {
      const promotion = await ask();
      const { status, body } = await api.call(who, `POST ${promotion}:approve`, {});
      expect(status).toBe(403);
      expect(body).toMatchObject({
        error: { status: "PERMISSION_DENIED", message: matching(/approve/) },
      });
      const { body: shown } = await api.call("approver", `GET ${promotion}`);
      expect(shown).toMatchObject({ state: "WAITING", approvals: [] });
    },
  );

  test("of a stranger finds no promotion to approve", async () => {
    const promotion = await ask();
    const { status, body } = await api.call("stranger", `POST ${promotion}:approve`, {});
    expect(status).toBe(404);
    const none = await api.call("stranger", "POST /v1/promotions/none:approve", {});
    const id = promotion.slice("/v1/promotions/".length);
    expect(JSON.stringify(body).replace(id, "none")).toBe(JSON.stringify(none.body));
  });

  test("of whoever asked for the promotion is refused though they have the right", async () => {
    const promotion = await ask("approver");
    const { status, body } = await api.call("approver", `POST ${promotion}:approve`, {});
    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { message: matching(/somebody else must approve/) } });
  });

  test("after the end is refused", async () => {
    const promotion = await ask();
    await api.call("deployer", `POST ${promotion}:cancel`, { reason: "wrong one" });
    const { status, body } = await api.call("approver", `POST ${promotion}:approve`, {});
    expect(status).toBe(409);
    expect(body).toMatchObject({ error: { message: matching(/no longer waits/) } });
  });

  test("given twice by the same person counts once", async () => {
    const twice = { ...APPROVALS, required: 2 };
    const [dev = anEnvironment("dev"), prod = anEnvironment("prod")] = service.environments;
    const policy = { ...prod.policy, approvals: twice };
    const environments = [dev, { ...prod, policy }];
    await install(api.memory.ports, { ...service, environments, fingerprint: "second" });
    const promotion = await ask();
    await api.call("approver", `POST ${promotion}:approve`, {});
    const { status, body } = await api.call("approver", `POST ${promotion}:approve`, {});
    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: "WAITING",
      approvals: [{ by: `user:${PEOPLE.approver}` }],
    });
  });

  test("is for those whom the policy names, where it names some", async () => {
    const from = ["group:sre@example.com"] as const;
    const [dev = anEnvironment("dev"), prod = anEnvironment("prod")] = service.environments;
    const policy = { ...prod.policy, approvals: { ...APPROVALS, from } };
    const environments = [dev, { ...prod, policy }];
    await install(api.memory.ports, { ...service, environments, fingerprint: "second" });
    api.memory.world.groups.set("sre@example.com", [PEOPLE.oncall]);
    const promotion = await ask();
    const refused = await api.call("approver", `POST ${promotion}:approve`, {});
    expect(refused.status).toBe(403);
    const taken = await api.call("oncall", `POST ${promotion}:approve`, {});
    expect(taken.body).toMatchObject({ state: "RUNNING" });
  });
});

describe("a rejection", () => {
  test("ends the promotion with its reason", async () => {
    const promotion = await ask();
    const { status, body } = await api.call("approver", `POST ${promotion}:reject`, {
      reason: "the load test failed",
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ state: "REJECTED" });
    const again = await api.call("approver", `POST ${promotion}:reject`, { reason: "again" });
    expect(again.status).toBe(409);
  });

  test("needs the right, and a reason", async () => {
    const promotion = await ask();
    const { status } = await api.call("deployer", `POST ${promotion}:reject`, { reason: "no" });
    expect(status).toBe(403);
    expect((await api.call("approver", `POST ${promotion}:reject`, {})).status).toBe(400);
  });
});

describe("a retry", () => {
  test("of what was cancelled is a new promotion of the same release", async () => {
    const promotion = await ask();
    await api.call("deployer", `POST ${promotion}:cancel`, { reason: "not yet" });
    const { status, body } = await api.call("deployer", `POST ${promotion}:retry`);
    expect(status).toBe(202);
    const made = PromotionView.parse(body);
    expect(made.state).toBe("WAITING");
    expect(made.id).toMatch(/-to-prod-0002$/);
    expect(made.kind).toBe("manual");
  });

  test("of what failed is one as well", async () => {
    const promotion = await ask();
    await api.call("approver", `POST ${promotion}:approve`, {});
    await happen(api.memory, { kind: "break", isNotified: true });
    const { body: failed } = await api.call("viewer", `GET ${promotion}`);
    expect(failed).toMatchObject({ state: "FAILED" });
    const { status, body } = await api.call("deployer", `POST ${promotion}:retry`);
    expect(status).toBe(202);
    expect(body).toMatchObject({
      state: "RUNNING",
      retryOf: promotion.slice("/v1/promotions/".length),
      approvals: [{ by: `user:${PEOPLE.approver}` }],
    });
  });

  test("of what waits or was rejected is refused, and by who may not promote", async () => {
    const promotion = await ask();
    expect((await api.call("deployer", `POST ${promotion}:retry`)).status).toBe(409);
    await api.call("approver", `POST ${promotion}:reject`, { reason: "no" });
    expect((await api.call("deployer", `POST ${promotion}:retry`)).status).toBe(409);
    expect((await api.call("viewer", `POST ${promotion}:retry`)).status).toBe(403);
  });
});

test("who does not want to wait is refused also where a promotion waits already", async () => {
  await ask();
  const { status, body } = await api.call("deployer", `POST ${PROD}:promote`, { wait: false });
  expect(status).toBe(409);
  expect(body).toMatchObject({
    error: {
      status: "FAILED_PRECONDITION",
      message: matching(/waits already/),
      details: [{ gates: [{ gate: "approval", verdict: "CLOSED" }] }],
    },
  });
});

test("a hold says what it would stop without being placed", async () => {
  const promotion = await ask();
  const scope = { service: "web", environment: "prod", reason: "audit", validateOnly: true };
  const { status, body } = await api.call("deployer", "POST /v1/holds", scope);
  expect(status).toBe(200);
  expect(body).toMatchObject({ blocks: [{ id: promotion.slice("/v1/promotions/".length) }] });
  const elsewhere = await api.call("deployer", "POST /v1/holds", { ...scope, environment: "dev" });
  expect(elsewhere.body).toEqual({ blocks: [] });
  const all = { reason: "audit", validateOnly: true };
  const everything = await api.call("deployer", "POST /v1/holds", all);
  expect(everything.body).toMatchObject({ blocks: [{ environment: "prod" }] });
  expect((await api.call("viewer", "POST /v1/holds", all)).status).toBe(403);
  expect((await api.call("viewer", "GET /v1/holds")).body).toMatchObject({ holds: [] });
});

/** The matcher has the type any, which no other field may take on. */
function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
