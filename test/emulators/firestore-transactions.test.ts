import type { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { openClient } from "./firestore-bench.ts";
import { type Answer, openRaw, type Raw } from "./firestore-raw.ts";

const CONCURRENT = 30;
const IDLE_MS = 60_000;
const TOTAL_MS = 270_000;
const LOCK_WAIT_MS = 30_000;

let clock: ManualClock;
let server: FirestoreServer;
let db: Firestore;
let raw: Raw;

beforeEach(async () => {
  clock = manualClock();
  server = await startFirestore({ clock });
  db = openClient(server.grpcAddress);
  raw = openRaw(server);
});

afterEach(async () => {
  await db.terminate();
  await server.close();
});

/** Resolves when the server has taken so many calls of a method, answered or not. */
async function taken(method: string, count: number): Promise<void> {
  await expect.poll(() => server.faults.calls(method), { interval: 2 }).toBe(count);
}

async function exists(path: string): Promise<boolean> {
  return (await db.doc(path).get()).exists;
}

describe("many transactions on one document", () => {
  test("all succeed at the first attempt, one after the other", async () => {
    const ref = db.doc("c/counter");
    await ref.set({ n: 0 });
    let attempts = 0;
    await Promise.all(
      Array.from({ length: CONCURRENT }, async () => {
        await db.runTransaction(async (transaction) => {
          attempts += 1;
          const n = Number((await transaction.get(ref)).get("n"));
          transaction.update(ref, { n: n + 1 });
        });
      }),
    );
    expect((await ref.get()).get("n")).toBe(CONCURRENT);
    expect(attempts).toBe(CONCURRENT);
  });

  test("none overtakes another that takes the number from a count", async () => {
    const items = db.collection("c");
    await Promise.all(
      Array.from({ length: CONCURRENT }, async () => {
        await db.runTransaction(async (transaction) => {
          const { count } = (await transaction.get(items.count())).data();
          transaction.create(items.doc(String(count)), {});
        });
      }),
    );
    expect((await items.get()).size).toBe(CONCURRENT);
  });
});

describe("a document that a transaction has read", () => {
  test("is read by everybody, but written by others only when the transaction is over", async () => {
    const transaction = await raw.begin();
    await raw.read(transaction, "c/a");
    const write = raw.commit("", "c/a");
    await taken("Commit", 1);
    expect(await exists("c/a")).toBe(false);
    await raw.rollback(transaction);
    expect((await write).status).toBe("OK");
    expect(await exists("c/a")).toBe(true);
  });

  test("is given to the oldest of the transactions that wait", async () => {
    const [first, second, third] = [await raw.begin(), await raw.begin(), await raw.begin()];
    await raw.read(first, "c/a");
    const order: string[] = [];
    async function readAndCommit(name: string, transaction: string): Promise<void> {
      await raw.read(transaction, "c/a");
      order.push(name);
      await raw.commit(transaction, "c/a");
    }
    const later = readAndCommit("third", third);
    await taken("BatchGetDocuments", 2);
    const earlier = readAndCommit("second", second);
    await taken("BatchGetDocuments", 3);
    expect(order).toEqual([]);
    await raw.commit(first, "c/a");
    await Promise.all([earlier, later]);
    expect(order).toEqual(["second", "third"]);
  });

  test("is refused to a writer after waiting too long, and not a millisecond before", async () => {
    const transaction = await raw.begin();
    await raw.read(transaction, "c/a");
    const answers: Answer[] = [];
    async function write(): Promise<void> {
      answers.push(await raw.commit("", "c/a"));
    }
    const writing = write();
    await taken("Commit", 1);
    await clock.advance(LOCK_WAIT_MS - 1);
    expect(await exists("c/a")).toBe(false);
    expect(answers).toEqual([]);
    await clock.advance(1);
    await writing;
    expect(answers).toEqual([
      {
        status: "ABORTED",
        message: "Too much contention on these documents. Please try again.",
      },
    ]);
    expect(await exists("c/a")).toBe(false);
  });

  test("is free again when the transaction's commit is refused", async () => {
    await raw.commit("", "c/taken");
    const failing = db.runTransaction(async (transaction) => {
      await transaction.get(db.doc("c/a"));
      transaction.create(db.doc("c/taken"), {});
    });
    await expect(failing).rejects.toMatchObject({ code: 6 });
    expect((await raw.commit("", "c/a")).status).toBe("OK");
  });

  test("is not written for a caller that went away while it waited", async () => {
    const transaction = await raw.begin();
    await raw.read(transaction, "c/a");
    const controller = new AbortController();
    const name = "projects/acme-delivery/databases/(default)/documents/c/a";
    const write = fetch(`${server.url}/v1/${name.slice(0, -4)}:commit`, {
      method: "POST",
      body: JSON.stringify({ writes: [{ update: { name, fields: {} } }] }),
      signal: controller.signal,
    });
    await taken("Commit", 1);
    controller.abort();
    await expect(write).rejects.toThrow("aborted");
    await raw.rollback(transaction);
    await raw.commit("", "c/b");
    expect(await exists("c/a")).toBe(false);
  });
});

describe("a transaction that waits for several documents", () => {
  test("holds none of them meanwhile, and is not overtaken by younger ones", async () => {
    const [first, second, third] = [await raw.begin(), await raw.begin(), await raw.begin()];
    await raw.read(first, "c/a");
    const order: string[] = [];
    async function read(name: string, transaction: string, ...paths: string[]): Promise<void> {
      await raw.read(transaction, ...paths);
      order.push(name);
      await raw.rollback(transaction);
    }
    const several = read("second", second, "c/a", "c/b");
    await taken("BatchGetDocuments", 2);
    const one = read("third", third, "c/b");
    await taken("BatchGetDocuments", 3);
    expect((await raw.read(first, "c/b")).status).toBe("OK");
    expect(order).toEqual([]);
    await raw.rollback(first);
    await Promise.all([several, one]);
    expect(order).toEqual(["second", "third"]);
  });
});

describe("a transaction's time", () => {
  test("ends after 60 s without a call, and not a millisecond before", async () => {
    const transaction = await raw.begin();
    await raw.read(transaction, "c/a");
    await clock.advance(IDLE_MS - 1);
    expect((await raw.read(transaction, "c/a")).status).toBe("OK");
    await clock.advance(IDLE_MS);
    const late = await raw.commit(transaction, "c/a");
    expect(late.status).toBe("INVALID_ARGUMENT");
    expect(late.message).toMatch(/transaction has expired/);
    expect((await raw.commit("", "c/a")).status).toBe("OK");
  });

  test("ends after 270 s, however busy it is", async () => {
    const transaction = await raw.begin();
    for (let passedMs = 0; passedMs < TOTAL_MS - IDLE_MS; passedMs += IDLE_MS / 2) {
      await clock.advance(IDLE_MS / 2);
      expect((await raw.read(transaction, "c/a")).status).toBe("OK");
    }
    await clock.advance(IDLE_MS - 1);
    expect((await raw.read(transaction, "c/a")).status).toBe("OK");
    await clock.advance(1);
    expect((await raw.commit(transaction, "c/a")).status).toBe("INVALID_ARGUMENT");
  });

  test("gives its locks to who waits when it ends", async () => {
    const transaction = await raw.begin();
    await raw.read(transaction, "c/a");
    await clock.advance(IDLE_MS - LOCK_WAIT_MS + 1);
    const write = raw.commit("", "c/a");
    await taken("Commit", 1);
    await clock.advance(LOCK_WAIT_MS - 1);
    expect((await write).status).toBe("OK");
  });

  test("is over for an id that nobody gave out", async () => {
    const id = Buffer.from("nonsense").toString("base64");
    expect((await raw.commit(id, "c/a")).status).toBe("INVALID_ARGUMENT");
    expect((await raw.rollback(id)).status).toBe("INVALID_ARGUMENT");
  });
});

describe("two transactions that wait for each other", () => {
  test("the younger is aborted at once and the older goes on", async () => {
    const older = await raw.begin();
    const younger = await raw.begin();
    await raw.read(older, "c/a");
    await raw.read(younger, "c/b");
    const waiting = raw.read(older, "c/b");
    await taken("BatchGetDocuments", 3);
    expect((await raw.read(younger, "c/a")).status).toBe("ABORTED");
    expect((await waiting).status).toBe("OK");
    expect((await raw.commit(younger, "c/b")).status).toBe("ABORTED");
    expect((await raw.commit(older, "c/a", "c/b")).status).toBe("OK");
  });

  test("a retried transaction has the age of its first attempt", async () => {
    const first = await raw.begin();
    const between = await raw.begin();
    await raw.rollback(first);
    const retried = await raw.begin({ readWrite: { retryTransaction: first } });
    await raw.read(between, "c/a");
    await raw.read(retried, "c/b");
    const waiting = raw.read(retried, "c/a");
    await taken("BatchGetDocuments", 3);
    expect((await raw.read(between, "c/b")).status).toBe("ABORTED");
    expect((await waiting).status).toBe("OK");
  });

  test("a retry ends the attempt before, whose locks would stand in its way", async () => {
    const first = await raw.begin();
    await raw.read(first, "c/a");
    const retried = await raw.begin({ readWrite: { retryTransaction: first } });
    expect((await raw.read(retried, "c/a")).status).toBe("OK");
    expect((await raw.commit(first, "c/a")).status).toBe("INVALID_ARGUMENT");
  });
});
