import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Firestore } from "@google-cloud/firestore";
import { PassThroughClient } from "google-auth-library";
import { z } from "zod";
import { seedDocuments } from "../support/seed-documents.ts";
import { releasedDocuments } from "../support/sized-documents.ts";
import { startArguments } from "../support/start-command.ts";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const STARTS = 5;
const READY_TARGET_MS = 2500;
const MEMORY_TARGET_MB = 280;
const KB_PER_MB = 1024;

const Local = z.object({
  project: z.string(),
  database: z.string(),
  endpoints: z.object({ firestore: z.string() }),
  pids: z.object({ emulators: z.number(), functions: z.number() }),
});

/** How long a cloud has nothing to do before its memory is looked at. */
const REST_MS = 20_000;

/** How many releases a cloud has gone through whose memory is looked at. */
const RELEASES = 10_000;

type Start = {
  readonly readyMs: number;
  readonly deployedMs: number;
  /** At rest with the sample, just after so many releases, and at rest after them; null where it was not looked at. */
  readonly memory: {
    readonly restingMb: number;
    readonly busyMb: number;
    readonly laterMb: number;
  } | null;
};

/** How long `npm start` takes until it is ready and until the sample runs, and what memory it then has. */
export async function measureStart(): Promise<readonly Figure[]> {
  const starts: Start[] = [];
  for (let attempt = 1; attempt <= STARTS; attempt += 1) {
    starts.push(await measureOne(attempt === STARTS));
  }
  const memory = starts.at(-1)?.memory;
  return [
    aimed("local cloud ready", median(starts.map(({ readyMs }) => readyMs)), {
      unit: "ms",
      target: READY_TARGET_MS,
      note: `from process start; median of ${STARTS}`,
    }),
    told("sample deployed after start", median(starts.map(({ deployedMs }) => deployedMs)), "ms"),
    aimed("local cloud's memory", memory?.restingMb ?? Number.NaN, {
      unit: "MB",
      target: MEMORY_TARGET_MB,
      note: "emulators and functions, what they share once; sample deployed, at rest",
    }),
    aimed(`the same after ${RELEASES} releases`, memory?.laterMb ?? Number.NaN, {
      unit: "MB",
      target: MEMORY_TARGET_MB,
      note: "what these leave in Firestore, as the product encodes it; at rest",
    }),
    told(`the same, the moment that the last is written`, memory?.busyMb ?? Number.NaN, "MB"),
  ];
}

async function measureOne(isLast: boolean): Promise<Start> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  const startMs = performance.now();
  const child = spawn(process.execPath, [...startArguments(), "--port", "any"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: child.stdout });
    let readyMs = Number.NaN;
    for await (const line of lines) {
      if (line.includes("is ready")) {
        readyMs = performance.now() - startMs;
      }
      if (line.includes("Ctrl-C ends it")) {
        break;
      }
    }
    const deployedMs = performance.now() - startMs;
    const file: unknown = JSON.parse(
      await readFile(join(folder, ".slipway", "local.json"), "utf8"),
    );
    const local = Local.parse(file);
    if (!isLast) {
      return { readyMs, deployedMs, memory: null };
    }
    const processes = [local.pids.emulators, local.pids.functions];
    await setTimeout(REST_MS);
    const restingMb = await memoryOf(processes);
    await age(local);
    const busyMb = await memoryOf(processes);
    await setTimeout(REST_MS);
    const memory = { restingMb, busyMb, laterMb: await memoryOf(processes) };
    return { readyMs, deployedMs, memory };
  } finally {
    await end(child);
    await rm(folder, { recursive: true });
  }
}

/** Has a local cloud gone through many releases, as far as its documents tell. */
async function age({ project, database, endpoints }: z.output<typeof Local>): Promise<void> {
  const raw = new Firestore({
    projectId: project,
    databaseId: database,
    host: endpoints.firestore,
    ssl: false,
    authClient: new PassThroughClient(),
  });
  await seedDocuments(raw, await releasedDocuments(RELEASES));
  await raw.terminate();
}

/**
 * The memory of some processes together, as Linux has it: what they share, such as Node's program, is counted once.
 * Source: https://docs.kernel.org/filesystems/proc.html (smaps_rollup)
 */
async function memoryOf(pids: readonly number[]): Promise<number> {
  const parts = pids.map(async (pid) => {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
    return Number(/^Pss:\s+(?<kb>\d+) kB$/m.exec(text)?.groups?.["kb"]);
  });
  return (await Promise.all(parts)).reduce((sum, kb) => sum + kb, 0) / KB_PER_MB;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
