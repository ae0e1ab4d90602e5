import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Firestore } from "@google-cloud/firestore";
import { z } from "zod";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const FEW = 1000;
const MANY = 100_000;
const GROWTH_TARGET = 1.3;
const RESTART_TARGET_MS = 1500;

const CALLERS = 32;
const WRITES = 2000;
const ROUNDS = 5;
const RESTARTS = 3;
/** What one commit of the filling writes. */
const BATCH = 500;

const CHILD = fileURLToPath(new URL("../support/kept-emulators.ts", import.meta.url));
const Urls = z.object({ firestore: z.string() });
type Running = {
  readonly child: ChildProcess;
  readonly client: Firestore;
  readonly readyMs: number;
};

/** What a write costs that is on disk before it is answered, with few and with many documents, and a restart with many. */
export async function measureKept(): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-bench-"));
  try {
    const first = await start(folder);
    await fill(first.client, 0, FEW);
    await writesPerSecond(first.client);
    const few = await writesPerSecond(first.client);
    await fill(first.client, FEW, MANY);
    const many = await writesPerSecond(first.client);
    await kill(first);
    const restarts: number[] = [];
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      const again = await start(folder);
      restarts.push(again.readyMs);
      await kill(again);
    }
    return [
      told(
        `kept writes with ${FEW} documents`,
        few,
        "writes/s",
        `${CALLERS} callers, on disk before the answer`,
      ),
      told(`kept writes with ${MANY} documents`, many, "writes/s"),
      aimed("growth of a kept write's cost", few / many, { unit: "x", target: GROWTH_TARGET }),
      aimed(`Firestore again with ${MANY} documents`, median(restarts), {
        unit: "ms",
        target: RESTART_TARGET_MS,
        note: "from process start, after kill -9",
      }),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function start(folder: string): Promise<Running> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [CHILD, folder, "firestore"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const readyMs = performance.now() - startMs;
    const { host } = new URL(Urls.parse(JSON.parse(line)).firestore);
    const client = new Firestore({ projectId: "p", host, ssl: false, databaseId: "(default)" });
    return { child, client, readyMs };
  }
  throw new Error(`Firestore did not start in ${folder}`);
}

async function kill({ child, client }: Running): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  await client.terminate();
}

async function fill(client: Firestore, from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const batch = client.batch();
    for (let number = first; number < first + BATCH; number += 1) {
      batch.set(client.doc(`things/d${number}`), contentOf(number));
    }
    await batch.commit();
  }
}

/** The middle of some rounds; what is written is there already, so that there are no more than before. */
async function writesPerSecond(client: Firestore): Promise<number> {
  const rounds: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    let next = 0;
    const startMs = performance.now();
    const write = async (): Promise<void> => {
      while (next < WRITES) {
        next += 1;
        await client.doc(`things/d${next % FEW}`).set(contentOf(round));
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, write));
    rounds.push(WRITES / ((performance.now() - startMs) / 1000));
  }
  return median(rounds);
}

function contentOf(number: number): object {
  return {
    number,
    text: `document ${number}`,
    tags: ["one", "two"],
    more: { yes: true, none: null },
  };
}
