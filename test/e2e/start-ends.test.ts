import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { startArguments } from "../support/start-command.ts";
import { until } from "../support/until.ts";

const File = z.object({ pids: z.object({ emulators: z.number(), functions: z.number() }) });

let folder = "";
let npm: ChildProcess;
let pids = { emulators: 0, functions: 0 };

/** `npm start` as a group of processes of its own, so that whoever is left can be counted. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-ends-"));
  const start = ["node", ...startArguments(), "--port", "any"].join(" ");
  await writeFile(join(folder, "package.json"), JSON.stringify({ scripts: { start } }));
  const path = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
  const child = spawn("npm", ["start"], {
    cwd: folder,
    detached: true,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  npm = child;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("is ready")) {
      break;
    }
  }
  const text = await readFile(join(folder, ".slipway", "local.json"), "utf8");
  ({ pids } = File.parse(JSON.parse(text)));
});

afterEach(async () => {
  for (const pid of group()) {
    process.kill(pid, "SIGKILL");
  }
  await rm(folder, { recursive: true });
});

/** The processes of the group that are there. */
function group(): readonly number[] {
  const lines = execFileSync("ps", ["-eo", "pgid=,pid=,stat="], { encoding: "utf8" }).split("\n");
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, , stat = "Z"]) => Number(pgid) === npm.pid && !stat.startsWith("Z"))
    .map(([, pid]) => Number(pid));
}

test.each([
  ["npm is killed", () => npm.pid ?? 0, "SIGKILL"],
  ["its terminal is gone", () => pids.emulators, "SIGHUP"],
  ["the emulators are killed", () => pids.emulators, "SIGKILL"],
] as const)("nothing of a local cloud is left when %s", async (_name, pid, signal) => {
  expect(group()).toEqual(expect.arrayContaining([npm.pid, pids.emulators, pids.functions]));
  const exited = once(npm, "exit");
  process.kill(pid(), signal);
  await exited;
  await until(
    "nothing is left",
    async () => Promise.resolve(group()),
    (left) => left.length === 0,
  );
});
