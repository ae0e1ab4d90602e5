import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { handle } from "../../shared/app/handle.ts";
import { specRevision } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { minutes } from "../../shared/domain/time.ts";
import { ChangesView } from "../../shared/wire/api/changes.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { happen } from "../support/storm.ts";

const PROD = "/v1/services/web/environments/prod";
const ANN = "user:ann@example.com";
const approvals = { required: 1, from: [], notRequester: false, notAuthor: false };

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
  await apply(serviceOf("0a1b2c"), "memory: 1Gi\n");
});
afterEach(async () => {
  await api.close();
});

function serviceOf(revision: string): Service {
  return aService({
    revision: specRevision(revision),
    fingerprint: revision,
    source: { repo: "github.com/example/web", dir: "cmd/web" },
    environments: [
      anEnvironment("dev"),
      anEnvironment("prod", { stage: 1, category: "internal", policy: aPolicy({ approvals }) }),
    ],
  });
}

async function apply(service: Service, text: string): Promise<void> {
  const { ports } = api.memory;
  await handle(ports, service.id, { kind: "service-applied", service, by: ANN, text });
}

async function bringToDev(number: number): Promise<void> {
  await happen(api.memory, { kind: "push", image: number });
  await roll();
}

async function roll(): Promise<void> {
  await happen(api.memory, { kind: "roll", isNotified: true });
}

async function changes(query = ""): Promise<z.output<typeof ChangesView>> {
  const { status, body } = await api.call("viewer", `GET ${PROD}/changes${query}`);
  expect(status).toBe(200);
  return ChangesView.parse(body);
}

/** Asks for prod, approves with what is shown, and lets it get there. */
async function bringToProd(): Promise<void> {
  const { body } = await api.call("deployer", `POST ${PROD}:promote`, {});
  const { id } = PromotionView.parse(body);
  const { material: shown } = await changes();
  const { status } = await api.call("approver", `POST /v1/promotions/${id}:approve`, { shown });
  expect(status).toBe(200);
  await roll();
}

describe("GET …/changes", () => {
  test("says what comes: first, forward, and back again", async () => {
    await bringToDev(1);
    expect(await changes()).toMatchObject({ direction: "FIRST", from: null });
    await bringToProd();
    expect(await changes()).toMatchObject({ direction: "NONE", releases: [] });
    for (const number of [2, 3]) {
      await bringToDev(number);
    }
    const forward = await changes();
    expect(forward).toMatchObject({ direction: "FORWARD", sourceFolder: "cmd/web" });
    expect(forward.releases.map(({ tag }) => tag)).toEqual(["v3", "v2"]);
    expect(forward.unknown.join()).toContain("the commit of");
    await bringToProd();
    const backward = await changes("?release=v1");
    expect(backward.direction).toBe("BACKWARD");
    expect(backward.releases.map(({ tag }) => tag)).toEqual(["v3", "v2"]);
  });

  test("compares the specification of both line by line, with one query and one read more", async () => {
    await bringToDev(1);
    await bringToProd();
    api.memory.clock.advance(minutes(1));
    await apply(serviceOf("111111"), "memory: 2Gi\n");
    await roll();
    const made = api.memory.calls.made.length;
    const told = await changes();
    const calls = api.memory.calls.made.slice(made);
    expect(told.specification).toEqual({
      state: "DIFFERENT",
      lines: [
        { sign: "-", text: "memory: 1Gi" },
        { sign: "+", text: "memory: 2Gi" },
      ],
      leftOut: 0,
    });
    expect(calls.toSorted()).toEqual(["store.read", "store.releasesBetween", "store.specs"]);
  });

  test("without any release says what to name", async () => {
    const { status, body } = await api.call("viewer", `GET ${PROD}/changes`);
    expect([status, JSON.stringify(body)]).toEqual([404, expect.stringContaining("?release=")]);
  });
});

describe("what would go there is shown", () => {
  test("before a promotion and a rollback, and with explain", async () => {
    await bringToDev(1);
    await bringToProd();
    await bringToDev(2);
    const preview = await api.call("deployer", `POST ${PROD}:promote`, { validateOnly: true });
    expect(preview.body).toMatchObject({ changes: { direction: "FORWARD" } });
    const explained = await api.call("viewer", `GET ${PROD}:explain`);
    expect(explained.body).toMatchObject({ changes: { direction: "FORWARD" } });
    await bringToProd();
    const back = { reason: "errors", validateOnly: true };
    const rollback = await api.call("oncall", `POST ${PROD}:rollback`, back);
    expect(rollback.body).toMatchObject({
      verdict: "safe",
      changes: { direction: "BACKWARD", releases: [{ tag: "v2" }] },
    });
  });

  test("and somebody to whom something else was shown approves nothing", async () => {
    await bringToDev(1);
    const { body } = await api.call("deployer", `POST ${PROD}:promote`, {});
    const { id } = PromotionView.parse(body);
    const path = `POST /v1/promotions/${id}:approve`;
    const stale = await api.call("approver", path, { shown: "over r-0123456789abcdef-0a1b2c" });
    expect(stale.status).toBe(409);
    expect(JSON.stringify(stale.body)).toContain("slipway changes web prod");
    const { body: now } = await api.call("viewer", `GET /v1/promotions/${id}`);
    expect(now).toMatchObject({ state: "WAITING", approvals: [] });
  });
});
