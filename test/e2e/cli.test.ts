import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startAnswering } from "../support/answering-server.ts";
import { PEOPLE } from "../support/api-world.ts";
import { readSpec } from "../unit/spec-support.ts";
import { cliIn, linesOf, openCli, tokensOf, writeLocalFile } from "./cli-setting.ts";
import type { CliSetting } from "./cli-setting.ts";

let setting: CliSetting;
beforeAll(async () => {
  setting = await openCli();
  await setting.finishRollouts();
});
afterAll(async () => {
  await setting.close();
});

describe("what is where", () => {
  test("is a table of environments, with the release and what comes next", async () => {
    const { code, out, err } = await setting.run(["status"]);
    expect([code, err]).toEqual([0, ""]);
    const [head, dev, prod] = linesOf(out);
    expect(head).toMatch(/^SERVICE +ENVIRONMENT +RELEASE +SINCE +PROMOTION +NOTES$/);
    expect(dev).toMatch(/^web +dev +v1 /);
    expect(prod).toMatch(/^web +prod +none/);
  });

  test("has no colours when nobody looks at a terminal", async () => {
    const { out } = await setting.run(["status", "web"]);
    expect(out).not.toContain("\u001B");
  });

  test("is told of the others where one service cannot be read", async () => {
    const { store } = setting.world.memory.world;
    store.damaged.set("web", "it has schema version 9");
    try {
      const { code, out } = await setting.run(["status"]);
      expect(code).toBe(0);
      expect(out).toMatch(/web +cannot be read: it has schema version 9/);
      const alone = await setting.run(["status", "web"]);
      expect(alone.code).toBe(1);
      expect(alone.err).toContain("services/web cannot be read: it has schema version 9");
    } finally {
      store.damaged.clear();
    }
  });

  test("is the API's own JSON with --json, before or after the command", async () => {
    const { body } = await setting.world.call("viewer", "GET /v1/services/web");
    const after = await setting.run(["status", "web", "--json"]);
    expect(JSON.parse(after.out)).toEqual(body);
    const before = await setting.run(["--json", "status", "web"]);
    expect(before.out).toBe(after.out);
  });

  test("is told of releases, promotions and the timeline", async () => {
    const releases = await setting.run(["releases", "web"]);
    expect(linesOf(releases.out)[1]).toMatch(/^r-[0-9a-f]+-0a1b2c +v1 .*DEPLOYED +dev$/);
    const promotions = await setting.run(["promotions", "web", "--limit", "1"]);
    expect(linesOf(promotions.out)[1]).toMatch(/-to-dev-0001 +dev +SUCCEEDED .* registry/);
    const timeline = await setting.run(["timeline", "web"]);
    expect(linesOf(timeline.out)[1]).toMatch(/^dev +v1 .*still there +automatic +r-/);
    const everywhere = await setting.run(["timeline", "--since", "10000d", "--limit", "2"]);
    expect(everywhere.out).toMatch(/^SERVICE +ENVIRONMENT +RELEASE[^]*\nweb +dev +v1 /);
    expect(everywhere.out).toMatch(/\nWHEN +SERVICE[^]* web +service\.applied +user:/);
    const both = await setting.run(["timeline", "web", "--since", "1h"]);
    expect(both.code).toBe(2);
    expect(both.err).toContain("leave the service out");
    const id = linesOf(promotions.out)[1]?.split(" ")[0] ?? "";
    const promotion = await setting.run(["promotion", id]);
    expect(linesOf(promotion.out).at(-1)).toMatch(/^rollout +SUCCEEDED/);
  });
});

describe("who asks, and whom", () => {
  test("the local cloud is found from folders below it", async () => {
    const below = join(setting.folder, "services", "web");
    await mkdir(below, { recursive: true });
    expect(await cliIn(below)(["status"])).toMatchObject({ code: 0 });
  });

  test("--as chooses a person of the local cloud", async () => {
    const hold = ["hold", "web", "--reason", "x"];
    const refused = await setting.run([...hold, "--as", "viewer"]);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain(`${PEOPLE.viewer} may not place holds`);
  });

  test("flags come before the environment, and the environment before the local cloud", async () => {
    const nowhere = { SLIPWAY_API: "http://127.0.0.1:9", SLIPWAY_TOKEN: "stale" };
    expect(await setting.run(["status"], { env: nowhere })).toMatchObject({ code: 3 });
    const token = await setting.world.mint({ email: PEOPLE.viewer });
    const flags = ["status", "--api", setting.world.url, "--token", token];
    expect(await setting.run(flags, { env: nowhere })).toMatchObject({ code: 0 });
  });

  test("the tokens of the local cloud are sent to no other", async () => {
    const env = await signedIn("exit 1");
    const words = ["status", "--api", "https://slipway.example.com"];
    const { code, err } = await setting.run(words, { env });
    expect(code).toBe(2);
    expect(err).toContain("nobody is signed in: run gcloud auth login");
    expect(err).toContain("--audiences=https://slipway.example.com");
  });

  test("another API is asked as the person whom gcloud knows, but not as gcloud's service account", async () => {
    const audience = "32555940559.apps.googleusercontent.com";
    const person = await setting.world.mint({ email: PEOPLE.viewer, audience });
    // By its other name it is another API than the local cloud's.
    const words = ["status", "--api", setting.world.url.replace("127.0.0.1", "localhost")];
    expect(await setting.run(words, { env: await signedIn(`echo ${person}`) })).toMatchObject({
      code: 0,
    });
    const email = "ci@acme.iam.gserviceaccount.com";
    const account = await setting.world.mint({ email, audience });
    expect(await setting.run(words, { env: await signedIn(`echo ${account}`) })).toMatchObject({
      code: 2,
    });
  });

  test("Cloud Run's own refusals are told from Slipway's, with what to do", async () => {
    const front = await startAnswering();
    front.answer({ status: 403, body: "<html>", headers: { "content-type": "text/html" } });
    const words = ["status", "--api", front.url, "--token", "any"];
    const { code, err } = await setting.run(words);
    await front.close();
    expect(code).toBe(1);
    expect(err).toContain("roles/run.invoker");
  });

  test("where there is nothing, it says what to do", async () => {
    const { code, err } = await cliIn("/")(["status"]);
    expect(code).toBe(2);
    expect(err).toContain("npm start");
  });

  test("token prints a person's token alone, and a fresh one when that has expired", async () => {
    const { out } = await setting.run(["token", "deployer"]);
    expect(out).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const old = await tokensOf(setting.world, 30);
    const other = join(setting.folder, "other");
    await writeLocalFile(setting.world, other, old);
    const fresh = (await cliIn(other)(["token", "oncall"])).out.trim();
    expect(fresh).not.toBe(old["oncall"]);
    const headers = { authorization: `Bearer ${fresh}` };
    const answer = await fetch(`${setting.world.url}/v1/services`, { headers });
    expect(answer.status).toBe(200);
  });
});

describe("what is refused", () => {
  test("is told with the API's words and exit code 1", async () => {
    const { code, out, err } = await setting.run(["releases", "shop"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain("there is no service shop");
  });

  test("is the API's own JSON on standard error with --json", async () => {
    const { err } = await setting.run(["releases", "shop", "--json"]);
    expect(JSON.parse(err)).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });

  test.each([
    [["promote", "web"], "missing required argument 'environment'"],
    [["stauts"], "Did you mean status?"],
    [["token", "bob"], "Allowed choices are viewer, deployer, approver, oncall"],
    [["releases", "web", "--limit", "0"], "from 1 to 1000"],
    [["hold", "web"], "--reason is missing"],
    [["promote", "web", "prod", "--watch", "--timeout", "soon"], "not a length of time"],
    [["validate", "nowhere"], "there is no file or folder nowhere"],
  ])("%j is a mistake of usage", async (words, message) => {
    const { code, err } = await setting.run(words);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  test("help is no mistake, and shows examples and the options of every command", async () => {
    const { code, out } = await setting.run(["hold", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("$ slipway hold list");
    expect(out).toContain("--as <role>");
  });
});

/** The variables of somebody for whom gcloud is this, a script. */
async function signedIn(script: string): Promise<Readonly<Record<string, string>>> {
  const folder = join(setting.folder, "bin");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "gcloud"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const PATH = `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`;
  return { PATH, METADATA_SERVER_DETECTION: "none", HOME: setting.folder };
}

/** A folder with the specification of a fixture. */
async function spec(name: string): Promise<string> {
  const folder = join(setting.folder, "specs", name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "service.yaml"), readSpec(name));
  return folder;
}

describe("specifications", () => {
  test("are valid, and counted", async () => {
    const { code, out } = await setting.run(["validate", await spec("base")]);
    const [warning, ...rest] = linesOf(out);
    expect([code, rest]).toEqual([0, ["1 file: 0 errors, 1 warning"]]);
    expect(warning).toMatch(
      /23:15 warning environments\[1\]\.category: is external, but .* names nobody/,
    );
  });

  test("have every problem told at its place, and exit code 1", async () => {
    const path = await spec("ten-mistakes");
    const { code, out } = await setting.run(["validate", path]);
    const lines = linesOf(out);
    expect(code).toBe(1);
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/service\.yaml:3:7 error service\.id: /);
    expect(lines[10]).toBe("1 file: 9 errors, 1 warning");
  });
});

test("what others wrote cannot steer the terminal", async () => {
  const reason = "quiet\u001B[2J\u0007";
  await setting.world.call("deployer", "POST /v1/holds", { service: "web", reason });
  const { out } = await setting.run(["hold", "list"]);
  expect(out).toContain("quiet\u{FFFD}[2J\u{FFFD}");
});
