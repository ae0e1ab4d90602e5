import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onIncidentFunction } from "../../functions/on-incident.ts";
import { minutes } from "../../shared/domain/time.ts";
import { HoldView } from "../../shared/wire/api/schemas.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";
import { releaseOf } from "./api-recovery-setting.ts";

const PROD = "/v1/services/web/environments/prod";
const PROJECT = "web-prod-0a1b";
const service = aService({
  environments: [
    anEnvironment("dev"),
    anEnvironment("prod", {
      stage: 1,
      category: "external",
      policy: aPolicy({
        soak: minutes(30),
        alerts: { block: ["CRITICAL"], warn: ["WARNING"] },
        approvals: { required: 1, from: [], notRequester: true, notAuthor: false },
      }),
    }),
  ],
});

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
  await install(api.memory.ports, service);
});
afterEach(async () => {
  await api.close();
});

async function explain(query = "", environment = "prod"): Promise<unknown> {
  const path = `/v1/services/web/environments/${environment}:explain${query}`;
  const { status, body } = await api.call("viewer", `GET ${path}`);
  expect(status).toBe(200);
  return body;
}

async function bringToDev(number: number): Promise<void> {
  await happen(api.memory, { kind: "push", image: number });
  await happen(api.memory, { kind: "roll", isNotified: true });
}

function containing(text: string): unknown {
  return expect.stringContaining(text);
}

function listWith(...items: readonly object[]): unknown {
  return expect.arrayContaining(items.map((item): unknown => expect.objectContaining(item)));
}

describe("an explanation", () => {
  test("of a service without releases says to push one", async () => {
    expect(await explain()).toMatchObject({
      standing: "NO_RELEASE",
      summary: containing("push an image"),
      release: null,
      gates: [],
    });
  });

  test("of what is there says so", async () => {
    await bringToDev(1);
    expect(await explain("", "dev")).toMatchObject({
      standing: "THERE",
      summary: `release v1 (${releaseOf(1)}) runs in dev`,
      current: { release: releaseOf(1) },
      advice: [],
    });
  });

  test("of what was there before says by which promotion", async () => {
    await bringToDev(1);
    await bringToDev(2);
    expect(await explain(`?release=${releaseOf(1)}`, "dev")).toMatchObject({
      standing: "READY",
      summary: containing(`it was there before, by promotion ${releaseOf(1)}-to-dev-0001`),
    });
  });

  test("of what is on its way says where it is", async () => {
    await happen(api.memory, { kind: "push", image: 1 });
    expect(await explain("", "dev")).toMatchObject({
      standing: "UNDER_WAY",
      summary: containing("the step rollout runs"),
      advice: [{ command: `slipway promotion ${releaseOf(1)}-to-dev-0001 --watch` }],
    });
  });

  test("of what is on its way says what was tried in vain, and when it is tried again", async () => {
    const { calls, clock } = api.memory;
    calls.outages.set("deploy.createRelease", "transient");
    await happen(api.memory, { kind: "push", image: 1 });
    const once = "create-release was tried once in vain, and is tried again in 5s";
    expect(await explain("", "dev")).toMatchObject({ summary: containing(once) });
    clock.advance(5000);
    const now = "create-release was tried once in vain, and is tried again now";
    expect(await explain("", "dev")).toMatchObject({ summary: containing(now) });
    await happen(api.memory, { kind: "tick", hand: "minute" });
    const twice = "create-release was tried 2 times in vain, and is tried again in 10s";
    expect(await explain("", "dev")).toMatchObject({ summary: containing(twice) });
    calls.outages.clear();
    clock.advance(10_000);
    await happen(api.memory, { kind: "tick", hand: "minute" });
    expect(JSON.stringify(await explain("", "dev"))).not.toContain("in vain");
  });

  test("of what nobody has asked for names every closed gate, and what would open each", async () => {
    await happen(api.memory, { kind: "push", image: 1 });
    expect(await explain()).toMatchObject({
      standing: "BLOCKED",
      promotion: null,
      gates: listWith(
        {
          gate: "order",
          verdict: "CLOSED",
          opensWhen: "the release succeeds in dev",
          advice: listWith({
            command: `slipway promotion ${releaseOf(1)}-to-dev-0001 --watch`,
          }),
        },
        { gate: "soak", verdict: "CLOSED" },
        { gate: "approval", verdict: "CLOSED" },
        { gate: "hold", verdict: "OPEN", opensWhen: null },
      ),
    });
  });

  test("of a soak says since when, and when it opens by itself", async () => {
    await bringToDev(1);
    const proved = api.memory.clock.now();
    expect(await explain()).toMatchObject({
      gates: listWith({
        gate: "soak",
        since: new Date(proved).toISOString(),
        opensAt: new Date(proved + minutes(30)).toISOString(),
      }),
    });
  });

  test("of a hold says since when, and how to lift it", async () => {
    await bringToDev(1);
    const since = new Date(api.memory.clock.now()).toISOString();
    const { body } = await api.call("oncall", "POST /v1/holds", { reason: "audit" });
    api.memory.clock.advance(60_000);
    const { id } = HoldView.parse(body);
    expect(await explain()).toMatchObject({
      gates: listWith({
        gate: "hold",
        since,
        reason: containing("audit"),
        advice: [{ command: `slipway hold lift ${id}`, does: containing(PEOPLE.oncall) }],
      }),
    });
  });

  test("of a promotion that waits says for what, and how to approve it", async () => {
    await bringToDev(1);
    await api.call("deployer", `POST ${PROD}:promote`, {});
    api.memory.clock.advance(minutes(31));
    const id = `${releaseOf(1)}-to-prod-0001`;
    expect(await explain()).toMatchObject({
      standing: "WAITING",
      summary: containing("approval: 0 of 1 approvals"),
      promotion: { id },
      expected: { deployTime: null, endTime: null, unknown: "somebody has to approve it" },
      advice: listWith({ command: `slipway approve ${id}` }),
    });
    const { body } = await api.call("viewer", `GET /v1/promotions/${id}`);
    expect(body).toMatchObject({ id, expected: { unknown: "somebody has to approve it" } });
    await api.call("approver", `POST /v1/promotions/${id}:approve`, {});
    const { body: running } = await api.call("viewer", `GET /v1/promotions/${id}`);
    expect(running).toMatchObject({ state: "RUNNING", expected: { unknown: null } });
  });

  test("of a promotion that failed says how it ended, and how to retry it", async () => {
    await happen(api.memory, { kind: "push", image: 1 });
    await happen(api.memory, { kind: "break", isNotified: true });
    expect(await explain("", "dev")).toMatchObject({
      standing: "READY",
      summary: containing("ended FAILED: rollout failed: it broke"),
      advice: [{ command: `slipway retry ${releaseOf(1)}-to-dev-0001` }],
    });
  });

  test("of a release that is named is of that one", async () => {
    await bringToDev(1);
    await bringToDev(2);
    expect(await explain(`?release=${releaseOf(1)}`, "dev")).toMatchObject({
      standing: "READY",
      release: { id: releaseOf(1) },
      current: { release: releaseOf(2) },
    });
  });

  test("tells by the last reading when that was, and has the incidents read again", async () => {
    await bringToDev(1);
    api.memory.incidents.open(PROJECT, { policy: "5xx ratio" });
    expect(await explain()).toMatchObject({
      incidentsReadTime: null,
      gates: listWith({ gate: "incident", reason: containing("are being read") }),
    });
    expect(await explain()).toMatchObject({
      gates: listWith({
        gate: "incident",
        verdict: "CLOSED",
        reason: containing("5xx ratio"),
        opensWhen: "the incident is closed in Cloud Monitoring",
      }),
    });
    api.memory.clock.advance(minutes(3));
    api.memory.calls.outages.set("incidents.listOpen", "transient");
    expect(await explain()).toMatchObject({
      incidentsReadTime: new Date(api.memory.clock.now() - minutes(3)).toISOString(),
      gates: listWith({ gate: "incident", reason: containing("5xx ratio") }),
    });
    expect(await explain()).toMatchObject({
      gates: listWith({
        gate: "incident",
        verdict: "CLOSED",
        opensWhen: "the incidents have been read, and none blocks",
      }),
    });
  });

  test.each([
    ["stranger", `GET ${PROD}:explain`, 404],
    ["viewer", `GET ${PROD}:explain?release=r-none`, 404],
    ["viewer", `GET ${PROD}:explain?release=Not%20an%20id`, 404],
    ["viewer", "GET /v1/services/web/environments/moon:explain", 404],
  ] as const)("to a %s of %s is refused with %i", async (who, line, code) => {
    expect((await api.call(who, line)).status).toBe(code);
  });
});

describe("a promotion that is only tried", () => {
  test("is judged on the last reading, and has the incidents read where there is none", async () => {
    await bringToDev(1);
    const first = await api.call("deployer", `POST ${PROD}:promote`, { validateOnly: true });
    expect(first.body).toMatchObject({
      gates: listWith({ gate: "incident", reason: containing("are being read") }),
    });
    const tried = await api.call("deployer", `POST ${PROD}:promote`, { validateOnly: true });
    expect(tried.body).toMatchObject({ gates: listWith({ gate: "incident", verdict: "OPEN" }) });
    const refused = await api.call("deployer", `POST ${PROD}:promote`, { wait: false });
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).not.toContain("are being read");
  });
});

describe("a message of Monitoring's channel", () => {
  test("lets the incidents of each project that it names be read, and shows them", async () => {
    await bringToDev(1);
    api.memory.incidents.open(PROJECT, { policy: "5xx ratio" });
    const outcome = await onIncidentFunction.run(api.memory.ports, {
      projects: ["acme-observability", PROJECT],
    });
    expect(outcome).toMatchObject({ kind: "decided" });
    const { body } = await api.call("viewer", "GET /v1/services/web");
    expect(body).toMatchObject({
      environments: [
        { incidents: [] },
        {
          incidents: [
            {
              policy: "5xx ratio",
              severity: "CRITICAL",
              since: new Date(api.memory.clock.now()).toISOString(),
            },
          ],
          incidentsProblem: null,
        },
      ],
    });
  });

  test("that only tries the channel is passed over", async () => {
    const outcome = await onIncidentFunction.run(api.memory.ports, { projects: [] });
    expect(outcome).toMatchObject({ kind: "ignored" });
  });
});
