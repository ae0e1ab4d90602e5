import type { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { openClient } from "./firestore-bench.ts";
import { openRaw, type Raw } from "./firestore-raw.ts";

let server: FirestoreServer;
let db: Firestore;
let raw: Raw;

beforeEach(async () => {
  server = await startFirestore({ clock: manualClock() });
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

describe("what a transaction's query has read", () => {
  const red = {
    from: [{ collectionId: "c" }],
    where: {
      fieldFilter: { field: { fieldPath: "color" }, op: "EQUAL", value: { stringValue: "red" } },
    },
  };

  test("gets no new result from others until the transaction is over", async () => {
    const transaction = await raw.begin();
    await raw.query(transaction, red);
    const write = raw.commit("", "c/a");
    await taken("Commit", 1);
    await db.doc("c/blue").set({ color: "blue" });
    await db.doc("elsewhere/red").set({ color: "red" });
    expect(await exists("c/a")).toBe(false);
    await raw.rollback(transaction);
    expect((await write).status).toBe("OK");
  });

  test("loses no result to others until the transaction is over", async () => {
    await db.doc("c/a").set({ color: "red" });
    const transaction = await raw.begin();
    await raw.query(transaction, red);
    const paint = db.doc("c/a").update({ color: "blue" });
    await taken("Commit", 2);
    expect((await db.doc("c/a").get()).get("color")).toBe("red");
    await raw.rollback(transaction);
    await paint;
    expect((await db.doc("c/a").get()).get("color")).toBe("blue");
  });

  test("does not hinder a query for other values of the same field", async () => {
    const blue = {
      ...red,
      where: { fieldFilter: { ...red.where.fieldFilter, value: { stringValue: "blue" } } },
    };
    const [first, second] = [await raw.begin(), await raw.begin()];
    await raw.query(first, red);
    expect((await raw.query(second, blue)).status).toBe("OK");
  });
});

describe("a read-only transaction", () => {
  test("writes nothing", async () => {
    const transaction = await raw.begin({ readOnly: {} });
    expect((await raw.commit(transaction, "c/a")).status).toBe("INVALID_ARGUMENT");
    expect(await exists("c/a")).toBe(false);
  });

  test("does not wait for what others have locked", async () => {
    const writing = await raw.begin();
    await raw.read(writing, "c/a");
    const reading = await raw.begin({ readOnly: {} });
    expect((await raw.read(reading, "c/a")).status).toBe("OK");
  });
});
