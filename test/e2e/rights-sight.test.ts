import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { Principal } from "../../shared/domain/policy.ts";
import { environmentId, promotionId, releaseId } from "../../shared/domain/ids.ts";
import { HoldView, ServiceList } from "../../shared/wire/api/schemas.ts";
import { PEOPLE } from "../support/api-world.ts";
import type { Answer, ApiWorld } from "../support/api-world.ts";
import { aDigest } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";
import { another, NAMED, startRights, WEB } from "./rights-setting.ts";

const release = releaseId(aDigest(1), WEB.revision);
const promotion = promotionId(release, environmentId("dev"), 1);
const STRANGER = PEOPLE.stranger;

let api: ApiWorld;
let holdOnWeb = "";
let holdOnBank = "";

beforeAll(async () => {
  api = await startRights();
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
  holdOnWeb = await hold({ service: "web", environment: "prod" });
  holdOnBank = await hold({ service: "bank" });
});

afterAll(async () => api.close());

async function hold(scope: object): Promise<string> {
  const body = { reason: "look first", ...scope };
  return HoldView.parse((await api.call("oncall", "POST /v1/holds", body)).body).id;
}

/** An answer with a name taken out. */
function without({ status, body }: Answer, name: string): string {
  return `${status} ${JSON.stringify(body).replaceAll(name, "NAME")}`;
}

const WHY = { reason: "errors" };
const ENVIRONMENT = "/v1/services/NAME/environments/prod";

/** Every call about one service, as if its id were NAME. */
const ABOUT_SERVICE: readonly (readonly [string, unknown])[] = [
  ["GET /v1/services/NAME", undefined],
  ["GET /v1/services/NAME/releases", undefined],
  [`GET /v1/services/NAME/releases/${release}`, undefined],
  ["POST /v1/services/NAME/releases", { image: "a/b:c" }],
  [`POST /v1/services/NAME/releases/${release}:markBad`, WHY],
  [`POST /v1/services/NAME/releases/${release}:unmarkBad`, WHY],
  ["GET /v1/services/NAME/promotions", undefined],
  ["GET /v1/services/NAME/timeline", undefined],
  ["GET /v1/audit?service=NAME", undefined],
  [`POST ${ENVIRONMENT}:promote`, {}],
  [`POST ${ENVIRONMENT}:promote`, { breakGlass: true, ...WHY }],
  [`POST ${ENVIRONMENT}:rollback`, WHY],
  [`GET ${ENVIRONMENT}:explain`, undefined],
  [`GET ${ENVIRONMENT}/backups`, undefined],
  [`POST ${ENVIRONMENT}:restore`, { backup: "b", ...WHY }],
  [`POST ${ENVIRONMENT}:restore`, { backup: "b", into: "dev", ...WHY }],
  [`POST ${ENVIRONMENT}:migrate`, undefined],
];

describe("a service that one may not see", () => {
  test.each(ABOUT_SERVICE)("answers %s as one that there is not", async (line, body) => {
    const hidden = await api.callAs(STRANGER, line.replace("NAME", "web"), body);
    const none = await api.callAs(STRANGER, line.replace("NAME", "moon"), body);
    expect(hidden.status).toBe(404);
    expect(without(hidden, "web")).toBe(without(none, "moon"));
  });

  test("is not held by its name", async () => {
    for (const scope of [{}, { environment: "prod" }, { validateOnly: true }]) {
      const of = async (service: string): Promise<string> => {
        const body = { service, ...WHY, ...scope };
        return without(await api.callAs(STRANGER, "POST /v1/holds", body), service);
      };
      expect(await of("web")).toMatch(/^404/);
      expect(await of("web")).toBe(await of("moon"));
    }
  });
});

describe("a service that cannot be read", () => {
  test("is told of to those who may read all, and is nothing to others", async () => {
    const { damaged } = api.memory.world.store;
    damaged.set("bank", "it has schema version 9");
    for (const path of ["/v1/services/NAME", "/v1/audit?service=NAME"]) {
      const hidden = await api.callAs(STRANGER, `GET ${path.replace("NAME", "bank")}`);
      const none = await api.callAs(STRANGER, `GET ${path.replace("NAME", "moon")}`);
      expect(without(hidden, "bank")).toBe(without(none, "moon"));
    }
    expect((await api.call("viewer", "GET /v1/services/bank")).status).toBe(409);
    const { body } = await api.callAs(NAMED.promoter, "GET /v1/services");
    expect(ServiceList.parse(body).services.map(({ id }) => id)).toEqual(["web"]);
    damaged.clear();
  });
});

describe("a promotion that one may not see", () => {
  test.each([
    ["GET /v1/promotions/NAME", undefined],
    ["POST /v1/promotions/NAME:approve", {}],
    ["POST /v1/promotions/NAME:reject", WHY],
    ["POST /v1/promotions/NAME:cancel", {}],
    ["POST /v1/promotions/NAME:retry", undefined],
  ])("answers %s as one that there is not", async (line, body) => {
    const none = promotionId(release, environmentId("dev"), 9);
    const hidden = await api.callAs(STRANGER, line.replace("NAME", promotion), body);
    const missing = await api.callAs(STRANGER, line.replace("NAME", none), body);
    expect((await api.call("viewer", `GET /v1/promotions/${promotion}`)).status).toBe(200);
    expect(hidden.status).toBe(404);
    expect(without(hidden, promotion)).toBe(without(missing, none));
  });
});

describe("a hold that one may not see", () => {
  test.each([
    ["a stranger", STRANGER],
    ["somebody named elsewhere", NAMED.promoter],
  ])("is for %s one that there is not", async (_, who) => {
    const hidden = await api.callAs(who, `DELETE /v1/holds/${holdOnBank}`);
    const none = await api.callAs(who, "DELETE /v1/holds/hold-none");
    expect(hidden.status).toBe(404);
    expect(without(hidden, holdOnBank)).toBe(without(none, "hold-none"));
  });

  test("is in no list, where those that one may are, and those on everything", async () => {
    const onAll = await hold({});
    const { body } = await api.callAs(NAMED.approver, "GET /v1/holds");
    const ids = z
      .object({ holds: z.array(z.object({ id: z.string() })) })
      .parse(body)
      .holds.map(({ id }) => id);
    expect(ids).toEqual([onAll, holdOnWeb]);
    await api.call("oncall", `DELETE /v1/holds/${onAll}`);
  });
});

describe("who may see nothing", () => {
  test.each([
    "GET /v1/services",
    "GET /v1/holds",
    "GET /v1/audit",
    `GET /v1/audit?service=${SYSTEM_CHAIN}`,
  ])("is refused %s, and told whom to ask", async (line) => {
    const { status, body } = await api.callAs(STRANGER, line);
    expect(status).toBe(403);
    expect(JSON.stringify(body)).toMatch(/ask whoever runs this installation/i);
  });
});

describe("the record of the whole installation", () => {
  test("is for those whom the installation knows", async () => {
    expect((await api.call("viewer", "GET /v1/audit")).status).toBe(200);
    expect((await api.callAs(NAMED.promoter, "GET /v1/audit")).status).toBe(403);
    expect((await api.callAs(NAMED.promoter, "GET /v1/audit?service=web")).status).toBe(200);
  });
});

describe("a list of services", () => {
  const MINE: Principal = `user:${NAMED.promoter}`;

  beforeAll(async () => {
    // In the order of ids: aa, bank, mine-1, mm, mine-2 … with others between and behind.
    for (const [id, isMine] of [
      ["aa", false],
      ["mine-1", true],
      ["mm", false],
      ["nine", true],
      ["zz", false],
    ] as const) {
      await install(api.memory.ports, another(id, isMine ? [MINE] : []));
    }
  });

  test.each([
    [1, [["mine-1"], ["nine"], ["web"]]],
    [2, [["mine-1", "nine"], ["web"]]],
    [3, [["mine-1", "nine", "web"]]],
    [50, [["mine-1", "nine", "web"]]],
  ])("has in pages of %i those that one may see, and no empty page", async (size, expected) => {
    expect(await pages(NAMED.promoter, size)).toEqual(expected);
  });

  test("names no other in its page tokens", async () => {
    const { body } = await api.callAs(NAMED.promoter, "GET /v1/services?pageSize=1");
    const { nextPageToken } = ServiceList.parse(body);
    const told = Buffer.from(nextPageToken, "base64url").toString();
    expect(told).toContain("mine-1");
    expect(told).not.toMatch(/\b(?:aa|bank|mm|zz)\b/);
  });

  test("has all of them for whom the installation knows", async () => {
    const all = ["aa", "bank", "mine-1", "mm", "nine", "web", "zz"];
    expect(await pages(PEOPLE.viewer, 50)).toEqual([all]);
  });
});

async function pages(who: string, pageSize: number): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  for (let token: string | null = ""; token !== null;) {
    const line = `GET /v1/services?pageSize=${pageSize}&pageToken=${token}`;
    const { services, nextPageToken } = ServiceList.parse((await api.callAs(who, line)).body);
    found.push(services.map(({ id }) => id));
    token = nextPageToken === "" ? null : nextPageToken;
  }
  return found;
}
