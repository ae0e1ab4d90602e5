import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import { aService, anEnvironment, aPolicy } from "../support/builders.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { happen, install } from "../support/storm.ts";

/** What every object has: `constructor` may be the id of an environment, a service, a tag or a label. */
const INHERITED = ["constructor", "tostring", "valueOf", "toString", "hasOwnProperty", "__proto__"];

let api: ApiWorld;

beforeAll(async () => {
  api = await startApiWorld();
  const environments = [
    anEnvironment("constructor"),
    anEnvironment("prod", { stage: 1, category: "internal", policy: aPolicy() }),
  ];
  await install(api.memory.ports, aService({ environments }));
  await happen(api.memory, { kind: "push", image: 1 });
});

afterAll(async () => {
  await api.close();
});

describe.each(INHERITED)("what is called %s", (name) => {
  test.each([
    ["as a service", `GET /v1/services/${name}`],
    ["as a service's timeline", `GET /v1/services/${name}/timeline`],
    ["as a release", `GET /v1/services/web/releases/${name}`],
    ["as a release to explain", `GET /v1/services/web/environments/prod:explain?release=${name}`],
    ["as a promotion", `GET /v1/promotions/${name}`],
    ["as a promotion to approve", `POST /v1/promotions/${name}:approve`],
    ["as a service to promote", `POST /v1/services/${name}/environments/prod:promote`],
    ["as a chain of records", `GET /v1/audit?service=${name}`],
    ["as a hold to lift", `DELETE /v1/holds/${name}`],
  ])("%s is not there", async (_, line) => {
    const body = line.startsWith("POST") ? {} : undefined;
    const { status, body: answer } = await api.call("oncall", line, body);
    expect({ status, answer }).toMatchObject({ status: 404, answer: { error: { code: 404 } } });
  });

  test.each([
    ["promoted", "promote", {}],
    ["rolled back to", "rollback", { reason: "why" }],
  ])("is no release that is %s", async (_, verb, more) => {
    const line = `POST /v1/services/web/environments/prod:${verb}`;
    const { status } = await api.call("oncall", line, { release: name, ...more });
    expect(status).toBe(404);
  });

  test("is no gate, no scope and no field", async () => {
    const line = "POST /v1/services/web/environments/prod:promote";
    for (const body of [{ breakGlass: [name], reason: "why" }, { [name]: 1 }]) {
      expect((await api.call("oncall", line, body)).status).toBe(400);
    }
    const hold = { scope: name, reason: "why" };
    expect((await api.call("oncall", "POST /v1/holds", hold)).status).toBe(400);
  });
});

describe("an environment that is called constructor", () => {
  test("is deployed to, and is the stage before the next", async () => {
    const before = await api.call("viewer", "GET /v1/services/web");
    expect(before.body).toMatchObject({ environments: [{ id: "constructor", current: null }, {}] });
    const early = await api.call("oncall", "POST /v1/services/web/environments/prod:promote", {
      wait: false,
    });
    expect(early.status, "nothing has proved itself there yet").toBe(409);
    await happen(api.memory, { kind: "roll", isNotified: true });
    const after = await api.call("viewer", "GET /v1/services/web");
    expect(after.body).toMatchObject({
      environments: [{ id: "constructor", current: { tag: "v1" } }, { current: null }],
    });
    const explained = await api.call(
      "viewer",
      "GET /v1/services/web/environments/constructor:explain",
    );
    expect(explained.status).toBe(200);
  });

  test("has no place of its own in a service that lacks it", async () => {
    const found = await api.memory.ports.store.read(serviceId("web"));
    expect(found?.state.service.environments.map(({ id }) => id)).toContain(
      environmentId("constructor"),
    );
    const line = "POST /v1/services/web/environments/tostring:promote";
    expect((await api.call("oncall", line, {})).status).toBe(404);
  });
});
