import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { releaseId } from "../../shared/domain/ids.ts";
import { HoldView } from "../../shared/wire/api/schemas.ts";
import { PEOPLE } from "../support/api-world.ts";
import type { Answer, ApiWorld } from "../support/api-world.ts";
import { aDigest } from "../support/builders.ts";
import { happen } from "../support/storm.ts";
import { CI, NAMED, startRights, WEB } from "./rights-setting.ts";

const REASON = { reason: "errors since noon" };
const release = releaseId(aDigest(1), WEB.revision);
const MARK = `/v1/services/web/releases/${release}`;

let api: ApiWorld;

beforeEach(async () => {
  api = await startRights();
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
});

afterEach(async () => api.close());

function at(environment: string, verb: string, service = "web"): string {
  return `POST /v1/services/${service}/environments/${environment}:${verb}`;
}

async function hold(who: string, body: object): Promise<{ status: number; id: string }> {
  const answer = await api.callAs(who, "POST /v1/holds", { ...REASON, ...body });
  const { data } = HoldView.safeParse(answer.body);
  return { status: answer.status, id: data?.id ?? "" };
}

async function lift(who: string, id: string): Promise<number> {
  return (await api.callAs(who, `DELETE /v1/holds/${id}`)).status;
}

function message({ body }: Answer): string {
  return JSON.stringify(body);
}

describe("whom access.promote names", () => {
  test("reads the service, promotes, and makes releases only where nobody else decides", async () => {
    const who = NAMED.promoter;
    expect((await api.callAs(who, "GET /v1/services/web")).status).toBe(200);
    const body = { validateOnly: true, release, ...REASON };
    expect((await api.callAs(who, at("prod", "promote"), body)).status).toBe(200);
    expect((await api.callAs(who, at("dev", "promote"), body)).status).toBe(403);
  });

  test("holds the environment and the service, marks bad, and takes both back", async () => {
    const who = NAMED.promoter;
    for (const scope of [{ service: "web", environment: "prod" }, { service: "web" }]) {
      const { status, id } = await hold(who, scope);
      expect(status).toBe(201);
      expect(await lift(who, id)).toBe(200);
    }
    expect((await api.callAs(who, `POST ${MARK}:markBad`, REASON)).status).toBe(200);
    expect((await api.callAs(who, `POST ${MARK}:unmarkBad`, REASON)).status).toBe(200);
  });

  test("holds neither another environment, nor another service, nor everything", async () => {
    const who = NAMED.promoter;
    expect((await hold(who, { service: "web", environment: "dev" })).status).toBe(403);
    expect((await hold(who, { service: "bank" })).status).toBe(404);
    expect((await hold(who, {})).status).toBe(403);
  });
});

describe("whom approvals.from names", () => {
  test("reads what they are to approve, and approves it", async () => {
    const ask = { release, reason: "it works", breakGlass: ["order"] };
    const asked = await api.callAs(NAMED.glassBreaker, at("prod", "promote"), ask);
    expect(asked.body).toMatchObject({ state: "WAITING" });
    const promotion = `/v1/promotions/${release}-to-prod-0001`;
    const read = await api.callAs(NAMED.approver, `GET ${promotion}`);
    expect(read.body).toMatchObject({ gates: expect.any(Array) as unknown });
    const approved = await api.callAs(NAMED.approver, `POST ${promotion}:approve`, {});
    expect(approved.status).toBe(200);
    expect(approved.body).toMatchObject({ approvals: [{ by: `user:${NAMED.approver}` }] });
  });

  test("is asked alone: the installation's approver is refused, and told who may", async () => {
    const ask = { release, reason: "it works", breakGlass: ["order"] };
    await api.callAs(NAMED.glassBreaker, at("prod", "promote"), ask);
    const line = `POST /v1/promotions/${release}-to-prod-0001:approve`;
    const refused = await api.call("approver", line, {});
    expect(refused.status).toBe(403);
    expect(message(refused)).toContain(`prod's approvals.from (user:${NAMED.approver})`);
  });
});

describe("whom access.breakGlass names", () => {
  test("breaks the glass with that alone, but does not promote otherwise", async () => {
    const who = NAMED.glassBreaker;
    expect((await api.callAs(who, at("prod", "promote"), { release })).status).toBe(403);
    const body = { release, breakGlass: true, ...REASON };
    const { status, body: made } = await api.callAs(who, at("prod", "promote"), body);
    expect(status).toBe(202);
    expect(made).toMatchObject({ state: "RUNNING", requestedBy: `user:${who}` });
  });

  test("rolls back with that alone, and what the rollback stops is on-call's", async () => {
    await happen(api.memory, { kind: "push", image: 2 });
    await happen(api.memory, { kind: "roll", isNotified: true });
    for (const number of [1, 2]) {
      const body = { release: releaseId(aDigest(number), WEB.revision), breakGlass: true };
      await api.callAs(NAMED.glassBreaker, at("prod", "promote"), { ...body, ...REASON });
      await happen(api.memory, { kind: "roll", isNotified: true });
    }
    const back = await api.callAs(NAMED.glassBreaker, at("prod", "rollback"), REASON);
    expect(back.status).toBe(202);
    const { body } = await api.call("viewer", "GET /v1/holds");
    expect(body).toMatchObject({ holds: [{ by: `user:${NAMED.glassBreaker}` }] });
    const id = /hold-[a-z0-9]+/.exec(JSON.stringify(body))?.[0] ?? "";
    expect(await lift(NAMED.promoter, id)).toBe(403);
    expect(await lift(PEOPLE.oncall, id)).toBe(200);
  });
});

describe("what on-call stops", () => {
  test.each([
    ["the environment", { service: "web", environment: "prod" }, NAMED.promoter],
    ["the service", { service: "web" }, NAMED.promoter],
    ["an environment where deployers act", { service: "web", environment: "qa" }, PEOPLE.deployer],
  ])("by a hold on %s stays until on-call lets it go", async (_, scope, other) => {
    const { id } = await hold(PEOPLE.oncall, scope);
    const refused = await api.callAs(other, `DELETE /v1/holds/${id}`);
    expect(refused.status).toBe(403);
    expect(message(refused)).toContain(`user:${PEOPLE.oncall} placed hold ${id} as on-call`);
    expect(await lift(PEOPLE.oncall, id)).toBe(200);
  });

  test("by a hold on everything is lifted by no deployer, whose own is", async () => {
    const oncalls = await hold(PEOPLE.oncall, {});
    const own = await hold(PEOPLE.deployer, {});
    expect(await lift(PEOPLE.deployer, oncalls.id)).toBe(403);
    expect(await lift(PEOPLE.deployer, own.id)).toBe(200);
    expect(await lift(PEOPLE.oncall, oncalls.id)).toBe(200);
  });

  test("in production is also let go by whoever may break the glass there", async () => {
    const { id } = await hold(PEOPLE.oncall, { service: "web", environment: "prod" });
    expect(await lift(NAMED.glassBreaker, id)).toBe(200);
    await api.call("oncall", `POST ${MARK}:markBad`, REASON);
    const line = `POST ${MARK}:unmarkBad`;
    expect((await api.callAs(NAMED.promoter, line, REASON)).status).toBe(403);
    expect((await api.callAs(NAMED.glassBreaker, line, REASON)).status).toBe(200);
  });

  test("by a mark stays when somebody else had marked it before", async () => {
    await api.callAs(NAMED.promoter, `POST ${MARK}:markBad`, REASON);
    await api.call("oncall", `POST ${MARK}:markBad`, REASON);
    const tried = await api.callAs(NAMED.promoter, `POST ${MARK}:unmarkBad`, REASON);
    expect(tried.status).toBe(403);
  });
});

describe("a mark", () => {
  test("may be made by whoever acts anywhere, and is taken away by who acts in production", async () => {
    expect((await api.call("deployer", `POST ${MARK}:markBad`, REASON)).status).toBe(200);
    const refused = await api.call("deployer", `POST ${MARK}:unmarkBad`, REASON);
    expect(refused.status).toBe(403);
    expect(message(refused)).toContain("prod's access.promote (group:eng@example.com)");
    expect((await api.callAs(NAMED.promoter, `POST ${MARK}:unmarkBad`, REASON)).status).toBe(200);
  });
});

describe("the category", () => {
  const asked = { release, validateOnly: true, ...REASON };
  const broken = { ...asked, breakGlass: true };

  test.each([
    // It is there already: whoever may not is refused before that.
    ["test", "dev", asked, 409],
    ["test", "dev", broken, 409],
    ["internal", "qa", asked, 200],
    ["internal", "qa", broken, 403],
    ["external, which names others", "prod", asked, 403],
    ["external, which names others", "prod", broken, 403],
  ])("%s: a deployer in %s is answered as it says", async (_, environment, body, status) => {
    expect((await api.call("deployer", at(environment, "promote"), body)).status).toBe(status);
  });

  test.each([
    ["dev", 409],
    ["qa", 200],
    ["prod", 200],
  ])("in %s on-call promotes, breaks the glass and holds", async (environment, status) => {
    const line = at(environment, "promote");
    expect((await api.call("oncall", line, asked)).status).toBe(status);
    expect((await api.call("oncall", line, broken)).status).toBe(status);
    expect((await hold(PEOPLE.oncall, { service: "web", environment })).status).toBe(201);
  });

  test("external, which names nobody, lets deployers promote", async () => {
    const { status } = await hold(PEOPLE.deployer, { service: "bank", environment: "prod" });
    expect(status).toBe(201);
  });

  test.each(["viewer", "deployer", "approver", "oncall"] as const)(
    "lets a %s read all of them",
    async (who) => {
      const { body } = await api.call(who, "GET /v1/services");
      expect(body).toMatchObject({ services: [{ id: "bank" }, { id: "web" }] });
    },
  );
});

describe("the pipeline's account", () => {
  test("reads its service and makes releases, and nothing else", async () => {
    expect((await api.callAs(CI, "GET /v1/services/web")).status).toBe(200);
    const image = `${WEB.image}@${aDigest(1)}`;
    expect((await api.callAs(CI, "POST /v1/services/web/releases", { image })).status).toBe(201);
    expect((await api.callAs(CI, at("dev", "promote"), {})).status).toBe(403);
    expect((await hold(CI, { service: "web" })).status).toBe(403);
    expect((await api.callAs(CI, "GET /v1/services/bank")).status).toBe(404);
  });
});

describe("data of production", () => {
  test.each([
    [
      "a deployer, who may write into dev but act nowhere near prod",
      PEOPLE.deployer,
      403,
      "out of prod",
    ],
    ["who acts in prod, but may not write into dev", NAMED.promoter, 403, "into dev"],
    ["who may do both", NAMED.both, 404, "has no backup b-none"],
  ])("is asked for in a test environment by %s", async (_, who, status, why) => {
    const body = { backup: "b-none", into: "dev", ...REASON };
    const answer = await api.callAs(who, at("prod", "restore"), body);
    expect(answer.status).toBe(status);
    expect(message(answer)).toContain(why);
  });
});
