import { readSettings } from "../../infra/cli/settings.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { EXIT } from "../../infra/cli/cli-error.ts";
import { deploySample } from "../../infra/local/once.ts";
import { findOfficial } from "../../infra/local/official/programs.ts";
import {
  LOCAL_EVENTS_ACCOUNT,
  LOCAL_LOCATION,
  LOCAL_PROJECT,
  LOCAL_PROJECT_NUMBER,
} from "../../infra/local/settings.ts";
import { send } from "../../infra/local/rest.ts";
import { topicName, TOPICS } from "../../infra/local/topics.ts";
import { cliIn } from "../e2e/cli-setting.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { mustSkip } from "../support/needs.ts";
import { until } from "../support/until.ts";

const official = findOfficial(readSettings().path);
const isSkipped = typeof official === "string" && mustSkip(official);

const KEEPER = fileURLToPath(
  new URL("../../infra/local/official/keep-while-wanted.ts", import.meta.url),
);

const Subscriptions = z.object({
  subscriptions: z.array(
    z.object({
      pushConfig: z
        .object({
          pushEndpoint: z.string().optional(),
          oidcToken: z.object({ serviceAccountEmail: z.string() }).optional(),
        })
        .optional(),
    }),
  ),
});

describe.skipIf(isSkipped)("the product on Google's own emulators of Firestore and Pub/Sub", () => {
  let world: LocalWorld;

  beforeAll(async () => {
    world = await openLocalWorld({ official: typeof official === "string" ? null : official });
    await deploySample(world.file, () => {});
  });

  afterAll(async () => {
    await world.close();
  });

  async function run(line: string): Promise<string> {
    const ran = await cliIn(world.directory)(line.split(" "));
    expect([line, ran.code], `${ran.out}${ran.err}`).toEqual([line, 0]);
    return ran.out;
  }

  test("delivers from a push to production, and back", async () => {
    await run("promote msp-testbed prod --reason first --watch");
    await run("local push msp-example:0123456789ab_43");
    await run("wait msp-testbed dev --release 0123456789ab_43");
    expect(await run("promote msp-testbed prod --reason why --watch")).toMatch(/SUCCEEDED/);
    await run("rollback msp-testbed prod --reason back --watch");
    const status = await run("status");
    expect(status).toMatch(/msp-testbed +dev +0123456789ab_43/);
    expect(status).toMatch(/msp-testbed +prod +cccccccccc2a_42/);
  });

  test("keeps chains of records without a gap", async () => {
    expect(await run("audit verify")).toMatch(/intact +msp-testbed/);
  });

  test("pushes are asked for as they were configured, and come with the tokens that were asked for", async () => {
    const { address } = world.file;
    const listed = await send(
      "GET",
      `${address}/pubsub/v1/projects/${LOCAL_PROJECT}/subscriptions`,
    );
    const { subscriptions } = Subscriptions.parse(listed);
    const pushes = subscriptions.flatMap(({ pushConfig }) => pushConfig ?? []);
    expect(pushes.map(({ oidcToken }) => oidcToken?.serviceAccountEmail)).toContain(
      LOCAL_EVENTS_ACCOUNT,
    );
    const urls = pushes.flatMap(({ pushEndpoint }) => pushEndpoint ?? []);
    const away = `-${LOCAL_PROJECT_NUMBER}.${LOCAL_LOCATION}.run.app/`;
    expect(urls.filter((url) => !new URL(url).href.includes(away))).toEqual([]);
    expect(urls).toHaveLength(pushes.filter(({ oidcToken }) => oidcToken !== undefined).length);
  });

  test("policies of topics are kept beside them", async () => {
    const url = `${world.file.address}/pubsub/v1/${topicName(TOPICS.audit)}`;
    expect(await send("GET", `${url}:getIamPolicy`)).toMatchObject({ bindings: [{}] });
  });

  test("what Google's emulators have is not saved, and nothing of it is made to fail", async () => {
    const refusals = [
      ["local save before", "start without --official to save and load"],
      ["local fault add pubsub Publish --delay 3s", "the local cloud has no API pubsub"],
    ] as const;
    for (const [line, says] of refusals) {
      const ran = await cliIn(world.directory)(line.split(" "));
      expect([line, ran.code, ran.err]).toEqual([line, EXIT.usage, expect.stringContaining(says)]);
    }
  });
});

test("Google's emulators end with all their processes when whoever started them is gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-keeper-"));
  const file = join(folder, "pid");
  const keeper = spawn(process.execPath, [
    KEEPER,
    "sh",
    "-c",
    `sleep 600 & echo $! >${file}; wait`,
  ]);
  const written = await until(
    "the program's own child runs",
    async () => readFile(file, "utf8").catch(() => ""),
    (text) => text.endsWith("\n"),
  );
  keeper.stdin.destroy();
  await once(keeper, "exit");
  const pid = Number(written);
  expect(
    await until(
      "it has ended",
      async () => isAlive(pid),
      (alive) => !alive,
    ),
  ).toBe(false);
  await rm(folder, { recursive: true });
});

async function isAlive(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return state !== "" && !/\) Z /.test(state);
}
