import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LOCAL_PROJECT } from "../../infra/local/settings.ts";
import { startArguments } from "../support/start-command.ts";
import { cliIn } from "./cli-setting.ts";

let folder: string;
let cloud: ChildProcess;
const told: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-empty-"));
  const words = [...startArguments(), "--empty", "--port", "any"];
  const child = spawn(process.execPath, words, {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  cloud = child;
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(line);
    if (line.includes("Ctrl-C ends it")) {
      break;
    }
  }
});

afterAll(async () => {
  const exited = once(cloud, "exit");
  cloud.kill("SIGTERM");
  await exited;
  await rm(folder, { recursive: true });
});

test("slipway start --empty says how to install, and the commands that it names work there", async () => {
  expect(told.join("\n")).toContain(`${LOCAL_PROJECT} has nothing in it`);
  const init = /npx slipway (install init .+)/.exec(told.join("\n"))?.[1] ?? "";
  const run = cliIn(folder);
  expect(await run(init.split(" "))).toMatchObject({ code: 0, err: "" });
  const { code, out, err } = await run(["install", "plan"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^\d+ to create, \d+ to change\.$/m);
});
