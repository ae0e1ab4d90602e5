import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onTick } from "../../shared/app/tick.ts";
import { onIncident } from "../../shared/app/incident.ts";
import { days, minutes } from "../../shared/domain/time.ts";
import { aCandidate, anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { linesOf, openCli } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

const PROJECT = "web-prod-0a1b";
const service = aService({
  fingerprint: "second",
  environments: [
    anEnvironment("dev"),
    anEnvironment("prod", {
      stage: 1,
      category: "external",
      hasDatabase: true,
      policy: aPolicy({
        approvals: { required: 1, from: [], notRequester: true, notAuthor: false },
        alerts: { block: ["CRITICAL"], warn: [] },
        backup: { cloudSql: true, gkePlan: null, retain: days(30), maxAge: minutes(0) },
        migrations: {
          before: null,
          after: { job: "contract", start: "manual", reversible: true },
        },
      }),
    }),
  ],
});

let setting: CliSetting;
beforeEach(async () => {
  setting = await openCli();
  const { world } = setting.world.memory;
  world.backups.databases.set(PROJECT, ["orders"]);
  world.images.set(service.image, [anImage(1), anImage(2)]);
  world.jobs.images.set(`projects/${PROJECT}/locations/us-central1/jobs/contract`, service.image);
  await setting.tell({ kind: "service-applied", service, by: "user:ann@example.com" });
  // Nobody has to look what else is in the registry.
  await setting.tell({ kind: "registry-looked", upTo: "2026-11-20T12:00:00.000000000Z" });
  await setting.finishRollouts();
});
afterEach(async () => {
  await setting.close();
});

/** Asks for prod and gives the id of the promotion that waits. */
async function ask(): Promise<string> {
  const { out } = await setting.run(["promote", "web", "prod"]);
  expect(out).toMatch(/^WAITING/);
  return /r-\S+-to-prod-\d+/.exec(out)?.[0] ?? "";
}

/** Lets all that is under way end, and what follows it. */
async function finish(): Promise<void> {
  const ROUNDS = 3;
  const { backups, cloudDeploy, ports } = setting.world.memory;
  for (let round = 1; round <= ROUNDS; round += 1) {
    backups.finishAll();
    cloudDeploy.finishAll();
    await onTick(ports, "minute");
  }
}

/** Brings what is in dev to prod. Gives the promotion's id. */
async function deliver(): Promise<string> {
  const id = await ask();
  expect((await setting.run(["approve", id, "--as", "approver"])).code).toBe(0);
  await finish();
  return id;
}

describe("explain", () => {
  test("answers in one sentence, then with the gates, then with what to do", async () => {
    const id = await ask();
    const { code, out } = await setting.run(["explain", "web", "prod"]);
    expect(code).toBe(0);
    const lines = linesOf(out);
    expect(lines[0]).toMatch(
      /^Release v1 \(r-\S+\) waits to go to prod: approval: 0 of 1 approvals\.$/,
    );
    expect(lines[1]).toBe("Nothing runs in prod yet.");
    expect(lines[2]).toBe("When it will be there cannot be told: somebody has to approve it.");
    expect(lines[3]).toMatch(/^GATE +VERDICT +SINCE +WHY +OPENS WHEN$/);
    expect(out).toMatch(/approval +CLOSED .*0 of 1 approvals +enough people have approved/);
    expect(out).toMatch(/What to do:\n {2}approves it +slipway approve/);
    expect(out).toContain(`slipway approve ${id}`);
  });

  test("of what is there is short", async () => {
    const { out } = await setting.run(["explain", "web", "dev"]);
    expect(linesOf(out)[0]).toMatch(/^Release v1 \(r-\S+\) runs in dev\.$/);
    expect(out).not.toContain("What to do");
  });

  test("prints the API's answer with --json, and fails for a release that there is not", async () => {
    const { out } = await setting.run(["explain", "web", "prod", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ standing: "BLOCKED", environment: "prod" });
    const words = ["explain", "web", "prod", "--release", "r-none"];
    expect(await setting.run(words)).toMatchObject({ code: 1 });
  });
});

describe("a promotion that waits for people", () => {
  test("is approved by who may, and by nobody else", async () => {
    const id = await ask();
    const refused = await setting.run(["approve", id]);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain("may not approve in prod");
    const taken = await setting.run(["approve", id, "--as", "approver", "--comment", "seen"]);
    expect(taken.out).toMatch(/^RUNNING/m);
  });

  test("is rejected with a reason, and no other is retried than what failed", async () => {
    const id = await ask();
    expect(await setting.run(["reject", id, "--as", "approver"])).toMatchObject({ code: 2 });
    const rejected = await setting.run(["reject", id, "--as", "approver", "--reason", "no"]);
    expect(rejected.out).toMatch(/^REJECTED/);
    expect(await setting.run(["retry", id])).toMatchObject({ code: 1 });
  });

  test("is retried once it was cancelled", async () => {
    const id = await ask();
    await setting.run(["cancel", id]);
    const { out } = await setting.run(["retry", id]);
    expect(out).toMatch(/^WAITING .*-to-prod-0002/);
    expect(out).toContain("approval: 0 of 1");
  });

  test("is what a hold would stop", async () => {
    const id = await ask();
    const words = ["hold", "web", "--reason", "audit", "--dry-run"];
    const { out } = await setting.run(words);
    expect(out).toMatch(/^Nothing was held. The hold would stop:\n/);
    expect(out).toContain(id);
    expect((await setting.run(["hold", "list"])).out).toBe("Nothing is held.\n");
  });
});

describe("going back", () => {
  test("is judged, done, and the release is marked", async () => {
    await deliver();
    await setting.tell({ kind: "image-found", candidate: aCandidate(2), by: "registry" });
    await setting.finishRollouts();
    await deliver();
    const why = ["--reason", "errors"];
    const judged = await setting.run(["rollback", "web", "prod", ...why, "--dry-run"]);
    expect(judged.code).toBe(0);
    expect(judged.out).toMatch(/^safe {2}back to r-/);
    expect(judged.out).toMatch(/with --restore-data, what was written in prod since .* is lost/);
    const { code, out } = await setting.run(["rollback", "web", "prod", ...why]);
    expect(code).toBe(0);
    expect(out).toMatch(/^RUNNING/);
    await setting.finishRollouts();
    expect((await setting.run(["status"])).out).toMatch(/prod +v1 .*held by .*rolled back: errors/);
    expect((await setting.run(["releases", "web"])).out).toContain("bad: errors");
  });

  test("is unsafe where there is nothing to go back to", async () => {
    const words = ["rollback", "web", "dev", "--reason", "errors"];
    const judged = await setting.run([...words, "--dry-run"]);
    expect(judged.code).toBe(1);
    expect(judged.out).toMatch(/^unsafe\n {2}no earlier release has proved itself in dev/);
    expect(await setting.run(words)).toMatchObject({ code: 1 });
  });
});

describe("data", () => {
  test("is listed, and restored by who may", async () => {
    const id = await deliver();
    const { out } = await setting.run(["backups", "web", "prod"]);
    expect(out).toMatch(new RegExp(`${id}-b1 +slipway +Cloud SQL ${PROJECT}/orders +SUCCEEDED`));
    const words = ["restore", "web", "prod", `${id}-b1`, "--reason", "rows are gone"];
    const refused = await setting.run(words);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain("may not restore data into prod");
    const tried = await setting.run([...words, "--as", "oncall", "--dry-run"]);
    expect(tried.out).toMatch(/^Nothing was started. This would happen:\nWAITING/);
    expect(tried.out).toContain("is lost; the backup that is taken first keeps it");
    const made = await setting.run([...words, "--as", "oncall"]);
    expect(made.out).toMatch(/^WAITING/);
  });

  test("is changed by the migration that waits, once somebody starts it", async () => {
    expect(await setting.run(["migrate", "web", "prod"])).toMatchObject({ code: 1 });
    await deliver();
    expect((await setting.run(["status"])).out).toContain("migration contract waits to be started");
    expect((await setting.run(["migrate", "web", "prod"])).out).toMatch(/is started\n$/);
  });
});

test("a release is marked bad and good again", async () => {
  const id = /r-\S+/.exec((await setting.run(["releases", "web"])).out)?.[0] ?? "";
  const words = ["mark", "web", id, "--reason", "loses orders"];
  expect(await setting.run(words)).toMatchObject({ code: 2 });
  expect((await setting.run([...words, "--bad"])).out).toBe(`${id} is marked bad: loses orders\n`);
  expect((await setting.run([...words, "--good"])).out).toBe(`${id} is not marked bad\n`);
});

test("status shows the incidents that are open", async () => {
  setting.world.memory.incidents.open(PROJECT, { policy: "5xx ratio" });
  await onIncident(setting.world.memory.ports, PROJECT);
  expect((await setting.run(["status"])).out).toMatch(/prod .*CRITICAL incident: 5xx ratio/);
});
