import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aPolicy, aService, anEnvironment } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";
import { openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

const service = aService({
  owners: ["team-web"],
  environments: [anEnvironment("prod", { policy: aPolicy({ promotion: "automatic" }) })],
  fingerprint: "second",
});

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
  const { memory } = setting.world;
  await setting.finishRollouts();
  await install(memory.ports, service);
  for (const image of [11, 12]) {
    await happen(memory, { kind: "push", image });
    await happen(memory, { kind: "wait", minutes: 5 });
    await happen(memory, { kind: image === 11 ? "break" : "roll", isNotified: true });
  }
  await happen(memory, { kind: "tick", hand: "minute" });
});
afterEach(async () => {
  await setting.close();
});

async function ask(query: string): Promise<unknown> {
  const { body } = await setting.world.call("viewer", `GET /v1/numbers${query}`);
  return body;
}

describe("GET /v1/numbers", () => {
  const own = { deployments: 1, changes: 2, failures: 1, changeFailureRate: 0.5, services: 1 };
  const TO = "to=2026-11-27T00:00:00Z";

  test("are of a service, of its owner, and of all", async () => {
    expect(await ask(`?service=web&${TO}`)).toMatchObject({
      ...own,
      leadTime: { count: 1 },
      timeToRestore: { count: 1, meanSeconds: 300 },
    });
    expect(await ask(`?owner=team-web&${TO}`)).toMatchObject(own);
    expect(await ask(`?owner=nobody&${TO}`)).toMatchObject({ services: 0, deployments: 0 });
    expect(await ask(`?${TO}`)).toMatchObject(own);
  });

  test("are of the weeks that are asked for, and no others", async () => {
    expect(await ask("?service=web&from=2026-11-16&to=2026-11-20")).toMatchObject(own);
    expect(await ask("?service=web&from=2026-11-23&to=2026-11-27")).toMatchObject({
      deployments: 0,
      leadTime: { count: 0, meanSeconds: null },
    });
  });

  test.each([
    ["?service=web&owner=a", "not both"],
    ["?from=2026-11-20&to=2026-11-01", "from must not be after to"],
    ["?from=yesterday", "must be a date"],
    ["?service=nothing", "there is no service"],
  ])("%s is refused: %s", async (query, why) => {
    expect(JSON.stringify(await ask(query))).toContain(why);
  });

  test("are a table, and comma-separated, on the command line", async () => {
    const range = ["--from", "2026-11-16", "--to", "2026-11-20"];
    const { out } = await setting.run(["numbers", "web", ...range]);
    expect(out).toMatch(/^web, 2026-11-16 to 2026-11-23: 0\.14 deployments a day\n/);
    expect(out).toMatch(/change failures +1 +50\.0%/);
    const csv = await setting.run(["numbers", "--owner", "team-web", "--csv", ...range]);
    expect(csv.out).toMatch(/^number,count,rate,mean_seconds[^]*\ntime to restore,1,,300,/);
  });
});
