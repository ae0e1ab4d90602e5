import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Firestore } from "@google-cloud/firestore";
import { readSettings } from "../../infra/cli/settings.ts";
import { findGcloud, startGoogles } from "../../infra/local/official/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";
import { atOnce } from "./at-once.ts";
import { median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";

const ROUNDS = 3;
const PROJECT = "acme";

/** As many as increment one document at once, and how often together. */
const CONTENDERS = 10;
const INCREMENTS = 100;

/** Decisions, each on a document of its own. */
const DECISIONS = 500;
const CONCURRENCY = 8;

/** One of two emulators, in a process of its own. */
type Side = { readonly db: Firestore; readonly close: () => Promise<void> };

/** What a round came to. */
type Round = { readonly lengthMs: number; readonly failed: number };

/** A name, how many transactions it has, and how they are made. */
type Load = readonly [string, number, (db: Firestore) => Promise<number>];

const LOADS: readonly Load[] = [
  [`${CONTENDERS} increment one document`, INCREMENTS, incrementOne],
  [`${CONCURRENCY} decide, each on its own document`, DECISIONS, decideApart],
];

/** Transactions a second of the local Firestore, beside Google's own emulator where it is. */
export async function measureTransactions(): Promise<readonly Figure[]> {
  process.env["METADATA_SERVER_DETECTION"] = "none";
  const gcloud = findGcloud("firestore", readSettings().path);
  const ours = await startOurs();
  const googles =
    gcloud === null && mustSkip("Google's Firestore emulator") ? null : await startTheirs(gcloud);
  const figures: Figure[] = [];
  for (const load of LOADS) {
    figures.push(...(await compare(load, ours, googles)));
  }
  await ours.close();
  await googles?.close();
  return figures;
}

async function compare(
  [name, count, run]: Load,
  ours: Side,
  googles: Side | null,
): Promise<readonly Figure[]> {
  const own: Round[] = [];
  const theirs: Round[] = [];
  // One after the other in each round, so that both have the same machine.
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await timed(ours.db, run));
    if (googles !== null) {
      theirs.push(await timed(googles.db, run));
    }
  }
  const title = `Firestore, ${name}`;
  const figuresOf = (rounds: readonly Round[], whose: string): Figure => {
    const lengthMs = median(rounds.map((one) => one.lengthMs));
    const failed = rounds.reduce((sum, one) => sum + one.failed, 0);
    const note = `median of ${ROUNDS}; ${failed} of ${ROUNDS * count} failed for good`;
    return told(`${title}${whose}`, (count / lengthMs) * 1000, "transactions/s", note);
  };
  return [
    figuresOf(own, ""),
    ...(googles === null ? [] : [figuresOf(theirs, ", Google's emulator")]),
  ];
}

async function timed(db: Firestore, run: (db: Firestore) => Promise<number>): Promise<Round> {
  const startMs = performance.now();
  const failed = await run(db);
  return { lengthMs: performance.now() - startMs, failed };
}

async function incrementOne(db: Firestore): Promise<number> {
  const counter = db.collection("counters").doc();
  await counter.set({ count: 0 });
  return failures(CONTENDERS, INCREMENTS, async () =>
    db.runTransaction(async (running) => {
      const stored = await running.get(counter);
      running.set(counter, { count: Number(stored.get("count")) + 1 });
    }),
  );
}

/** Two documents read and three written, as a decision does. */
async function decideApart(db: Firestore): Promise<number> {
  const shared = db.collection("control").doc("one");
  return failures(CONCURRENCY, DECISIONS, async () =>
    db.runTransaction(async (running) => {
      const own = db.collection("services").doc();
      await running.getAll(own, shared);
      running.set(own, { state: "x".repeat(4000) });
      running.set(own.collection("audit").doc(), { kind: "decided" });
      running.set(own.collection("promotions").doc(), { state: "RUNNING" });
    }),
  );
}

async function failures(
  concurrency: number,
  count: number,
  act: () => Promise<unknown>,
): Promise<number> {
  let failed = 0;
  await atOnce(concurrency, Array.from({ length: count }), async () => {
    await act().catch(() => {
      failed += 1;
    });
  });
  return failed;
}

async function startOurs(): Promise<Side> {
  const child = fork(fileURLToPath(new URL("firestore-process.ts", import.meta.url)), [], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const message: readonly unknown[] = await once(child, "message");
  return sideOf(String(message[0]), async () => {
    child.disconnect();
    await once(child, "exit");
  });
}

async function startTheirs(gcloud: string | null): Promise<Side> {
  const { grpcAddress, close } = await startGoogles(gcloud ?? "", "firestore");
  return sideOf(grpcAddress, close);
}

function sideOf(grpcAddress: string, end: () => Promise<void>): Side {
  const db = new Firestore({ projectId: PROJECT, host: grpcAddress, ssl: false });
  return {
    db,
    close: async () => {
      await db.terminate();
      await end();
    },
  };
}
