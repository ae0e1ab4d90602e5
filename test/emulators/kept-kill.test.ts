import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { drawFrom } from "../support/draw.ts";
import type { KeptWrites } from "./kept-send.ts";
import { KEPT_WRITES } from "./kept-writes.ts";

/** Whoever finds a seed that fails sets it here by hand; otherwise each run has its own. */
const SEED = Date.now() % 1_000_000;

/** Each group is one process; together they have every emulator that keeps something. */
const GROUPS = [
  ["firestore", "storage", "service-usage"],
  ["pubsub", "secret-manager", "identity", "slack"],
  ["artifact-registry", "monitoring", "resource-manager"],
  ["cloud-deploy", "cloud-run", "iam", "github"],
  ["cloud-sql", "gke-backup", "scheduler", "cloud-functions"],
] as const;

/** Over five groups that makes fifty kills. */
const KILLS_EACH = 10;
/** A kill comes with one of the first acknowledgements of a process. */
const ACKNOWLEDGED_MAX = 40;
/** How many callers write the same kind of thing at once. */
const CALLERS = 3;
/** Fifty processes have much to load, and a machine may be busy. */
const TIMEOUT_MS = 300_000;

const CHILD = fileURLToPath(new URL("../support/kept-emulators.ts", import.meta.url));
const EMULATORS = fileURLToPath(new URL("../../emulators/", import.meta.url));

const Urls = z.record(z.string(), z.string());
type Running = { readonly child: ChildProcess; readonly urls: Readonly<Record<string, string>> };

/** What is written, with what was acknowledged so far. */
type Kind = { readonly name: string; readonly writes: KeptWrites; next: number } & {
  readonly acknowledged: number[];
};

let root = "";

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "kept-kill-"));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

test("every emulator that keeps something is among those that are killed", () => {
  const keeping = readdirSync(EMULATORS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/server.ts") && !path.startsWith("kit/"))
    .filter((path) =>
      /\b(?:persistence|policyKeeper)\b/.test(readFileSync(join(EMULATORS, path), "utf8")),
    )
    .map((path) => path.split("/")[0] ?? "");
  expect(GROUPS.flat().toSorted()).toEqual(keeping.toSorted());
});

test.concurrent.for(GROUPS.map((names) => [names.join(", "), names] as const))(
  "what %s acknowledged is there after each of ten kills under load",
  { timeout: TIMEOUT_MS },
  async ([, names], { onTestFinished }) => {
    onTestFinished(() => void running.child.kill("SIGKILL"));
    const draw = drawFrom(SEED);
    const folder = join(root, names[0]);
    const kinds = names.flatMap((name) =>
      (KEPT_WRITES[name] ?? []).map((writes): Kind => ({
        name,
        writes,
        next: 0,
        acknowledged: [],
      })),
    );
    let running = await start(folder, names);
    for (let killed = 1; killed <= KILLS_EACH; killed += 1) {
      const before = kinds.map(({ acknowledged }) => acknowledged.length);
      await writeUntilKilled(running, kinds, 1 + draw.below(ACKNOWLEDGED_MAX));
      running = await start(folder, names);
      const fresh = kinds.map((kind, at) => kind.acknowledged.slice(before[at]));
      expect(await missing(running, kinds, fresh), `seed ${SEED}, kill ${killed}`).toEqual([]);
    }
    const all = kinds.map(({ acknowledged }) => acknowledged);
    expect(await missing(running, kinds, all), `seed ${SEED}`).toEqual([]);
    expect(all.every((acknowledged) => acknowledged.length > 0)).toBe(true);
  },
);

async function start(folder: string, names: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [CHILD, folder, ...names], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(root, "compiled") },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const urls = Urls.parse(JSON.parse(line));
    return { child, urls };
  }
  throw new Error(`The emulators ${names.join(", ")} did not start in ${folder}`);
}

/** Every kind is written by some callers at once; the process is killed at an acknowledgement. */
async function writeUntilKilled(
  running: Running,
  kinds: readonly Kind[],
  acknowledgements: number,
): Promise<void> {
  const killed = new AbortController();
  let count = 0;
  async function call(kind: Kind, url: string): Promise<void> {
    while (!killed.signal.aborted) {
      const number = kind.next;
      kind.next += 1;
      try {
        if (!(await kind.writes.write(url, number))) {
          return;
        }
      } catch (error) {
        if (killed.signal.aborted) {
          return;
        }
        throw error;
      }
      kind.acknowledged.push(number);
      count += 1;
      if (count === acknowledgements) {
        killed.abort();
        await kill(running);
      }
    }
  }
  await Promise.all(
    kinds.map(async ({ name, writes }) => writes.prepare?.(running.urls[name] ?? "")),
  );
  await Promise.all(
    kinds.map(async (kind) => {
      const callers = Array.from({ length: kind.writes.callers ?? CALLERS });
      await Promise.all(callers.map(async () => call(kind, running.urls[kind.name] ?? "")));
    }),
  );
}

/** The things that are not there, as `emulator number`. */
async function missing(
  { urls }: Running,
  kinds: readonly Kind[],
  numbers: readonly (readonly number[])[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    kinds.map(async ({ name, writes }, at) => {
      const lost: string[] = [];
      for (const number of numbers[at] ?? []) {
        if (!(await writes.holds(urls[name] ?? "", number))) {
          lost.push(`${name} ${number}`);
        }
      }
      return lost;
    }),
  );
  return found.flat();
}

async function kill({ child }: Running): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}
