import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApiWorld } from "../support/api-world.ts";
import { PEOPLE } from "../support/api-world.ts";
import { PROD, finish, releaseOf, startRecovery, WEB } from "./api-recovery-setting.ts";

let api: ApiWorld;
beforeEach(async () => {
  api = await startRecovery();
});
afterEach(async () => {
  await api.close();
});

const WHY = { reason: "errors since noon" };

async function prod(): Promise<unknown> {
  const { body } = await api.call("viewer", "GET /v1/services/web");
  return body;
}

describe("a rollback", () => {
  test("goes to the release before, holds the environment and marks what it leaves bad", async () => {
    const { status, body } = await api.call("deployer", `POST ${PROD}:rollback`, WHY);
    expect(status).toBe(202);
    expect(body).toMatchObject({ kind: "rollback", release: releaseOf(1), restores: [] });
    expect(body).toMatchObject({ dataLoss: null });
    await finish(api);
    expect(await prod()).toMatchObject({
      environments: [
        {},
        {
          current: { release: releaseOf(1) },
          holds: [{ scope: "environment", by: `user:${PEOPLE.deployer}` }],
        },
      ],
    });
    const left = await api.call("viewer", `GET /v1/services/web/releases/${releaseOf(2)}`);
    expect(left.body).toMatchObject({ bad: { reason: WHY.reason } });
  });

  test("leaves no hold and no mark where none is wanted", async () => {
    await api.call("deployer", `POST ${PROD}:rollback`, { ...WHY, hold: false });
    await finish(api);
    expect(await prod()).toMatchObject({
      environments: [{}, { current: { release: releaseOf(1) }, holds: [] }],
    });
    const left = await api.call("viewer", `GET /v1/services/web/releases/${releaseOf(2)}`);
    expect(left.body).toMatchObject({ bad: null });
  });

  test("is judged without being done", async () => {
    const body = { ...WHY, validateOnly: true };
    const { status, body: verdict } = await api.call("deployer", `POST ${PROD}:rollback`, body);
    expect(status).toBe(200);
    expect(verdict).toMatchObject({
      verdict: "safe",
      release: releaseOf(1),
      reasons: [],
      backups: [{ into: "Cloud SQL web-prod-0a1b/orders" }],
      dataLoss: { message: expect.stringContaining("what was written in prod since") as unknown },
    });
    expect(await prod()).toMatchObject({
      environments: [{}, { current: { release: releaseOf(2) }, promotion: null, holds: [] }],
    });
  });

  test("is unsafe once the registry has lost the image, and says so with every reason", async () => {
    api.memory.world.images.set(WEB.image, []);
    const lost = expect.stringContaining("the registry no longer has the image") as unknown;
    const tried = await api.call("deployer", `POST ${PROD}:rollback`, {
      ...WHY,
      validateOnly: true,
    });
    expect(tried.body).toMatchObject({ verdict: "unsafe", reasons: [lost] });
    const { status, body } = await api.call("deployer", `POST ${PROD}:rollback`, WHY);
    expect(status).toBe(409);
    expect(body).toMatchObject({
      error: {
        status: "FAILED_PRECONDITION",
        message: lost,
        details: [{ verdict: "unsafe", release: releaseOf(1), reasons: [lost] }],
      },
    });
    expect(await prod()).toMatchObject({ environments: [{}, { holds: [], promotion: null }] });
  });

  test("brings the data back where it is asked to, for who may restore", async () => {
    const body = { ...WHY, restoreData: true };
    expect((await api.call("deployer", `POST ${PROD}:rollback`, body)).status).toBe(403);
    const { status, body: made } = await api.call("oncall", `POST ${PROD}:rollback`, body);
    expect(status).toBe(202);
    expect(made).toMatchObject({
      kind: "rollback",
      restores: [{ from: "Cloud SQL web-prod-0a1b/orders", isDone: false }],
      dataLoss: { seconds: expect.any(Number) as unknown },
    });
    api.memory.world.backups.contents.set("Cloud SQL web-prod-0a1b/orders", "data since v2");
    await finish(api);
    await finish(api);
    expect(api.memory.world.backups.contents.get("Cloud SQL web-prod-0a1b/orders")).toBe(
      "data before v2",
    );
    expect(await prod()).toMatchObject({
      environments: [{}, { current: { release: releaseOf(1) } }],
    });
  });

  test("past a migration that cannot be undone is refused without the data", async () => {
    expect((await api.call("deployer", `POST ${PROD}:migrate`)).status).toBe(202);
    await finish(api);
    expect(await prod()).toMatchObject({
      environments: [{}, { rollbackFloor: { release: releaseOf(2) }, migration: null }],
    });
    const { status, body } = await api.call("oncall", `POST ${PROD}:rollback`, WHY);
    expect(status).toBe(409);
    expect(body).toMatchObject({
      error: { details: [{ verdict: "needs-data-restore", release: releaseOf(1) }] },
    });
    const withData = { ...WHY, restoreData: true };
    expect((await api.call("oncall", `POST ${PROD}:rollback`, withData)).status).toBe(202);
  });

  test.each([
    ["of an environment with nothing before", "dev", { ...WHY, release: releaseOf(2) }, 409],
    ["to a release that there is not", "prod", { ...WHY, release: "r-none" }, 404],
    ["to what can be no release", "prod", { ...WHY, release: "Not an id" }, 404],
    ["in an environment that there is not", "moon", WHY, 404],
    ["without a reason", "prod", {}, 400],
    ["with an unknown field", "prod", { ...WHY, relase: "r-1" }, 400],
  ])("%s is refused", async (_, environment, body, code) => {
    const path = `/v1/services/web/environments/${environment}:rollback`;
    const { status } = await api.call("oncall", `POST ${path}`, body);
    expect(status).toBe(code);
  });

  test("takes the right to promote, also to be judged", async () => {
    for (const body of [WHY, { ...WHY, validateOnly: true }]) {
      expect((await api.call("viewer", `POST ${PROD}:rollback`, body)).status).toBe(403);
    }
  });
});

describe("a waiting migration", () => {
  test("is shown, started once, and gone when it has run", async () => {
    expect(await prod()).toMatchObject({
      environments: [
        {},
        { migration: { job: "contract", state: "WAITING", reversible: false, startedBy: null } },
      ],
    });
    const { status, body } = await api.call("deployer", `POST ${PROD}:migrate`);
    expect(status).toBe(202);
    expect(body).toMatchObject({ release: releaseOf(2), environment: "prod" });
    await api.call("deployer", `POST ${PROD}:migrate`);
    expect(api.memory.world.jobs.executions).toHaveLength(1);
    expect(await prod()).toMatchObject({
      environments: [{}, { migration: { state: "RUNNING", startedBy: `user:${PEOPLE.deployer}` } }],
    });
    await finish(api);
    expect((await api.call("deployer", `POST ${PROD}:migrate`)).status).toBe(409);
  });

  test("takes the right to promote", async () => {
    expect((await api.call("viewer", `POST ${PROD}:migrate`)).status).toBe(403);
  });
});

describe("a mark on a release", () => {
  const PATH = `/v1/services/web/releases/${releaseOf(2)}`;

  test("keeps it from going anywhere until it is taken away", async () => {
    const { status, body } = await api.call("deployer", `POST ${PATH}:markBad`, WHY);
    expect(status).toBe(200);
    expect(body).toMatchObject({ bad: { by: `user:${PEOPLE.deployer}`, reason: WHY.reason } });
    const good = await api.call("oncall", `POST ${PATH}:unmarkBad`, { reason: "the network" });
    expect(good.body).toMatchObject({ id: releaseOf(2), bad: null });
  });

  test("is refused to who may not, without a reason, and for what is not there", async () => {
    expect((await api.call("viewer", `POST ${PATH}:markBad`, WHY)).status).toBe(403);
    expect((await api.call("deployer", `POST ${PATH}:markBad`, {})).status).toBe(400);
    const none = "POST /v1/services/web/releases/r-none:markBad";
    expect((await api.call("deployer", none, WHY)).status).toBe(404);
  });
});
