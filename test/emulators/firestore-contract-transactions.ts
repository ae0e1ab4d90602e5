import type { Firestore, Transaction } from "@google-cloud/firestore";
import { expect } from "vitest";
import { type Checks, post, refused, ROOT } from "./firestore-bench.ts";

const CONCURRENT = 3;

/** Transactions as the official client runs them. */
export const transactionChecks: Checks = {
  "a transaction writes what it worked out from what it read": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1 });
    const answer = await db.runTransaction(async (transaction) => {
      const snapshot = await transaction.get(collection.doc("a"));
      transaction.update(collection.doc("a"), { n: Number(snapshot.get("n")) + 1 });
      transaction.create(collection.doc("b"), {});
      return "done";
    });
    expect(answer).toBe("done");
    expect((await collection.doc("a").get()).get("n")).toBe(2);
    expect((await collection.doc("b").get()).exists).toBe(true);
  },
  "a transaction that throws changes nothing and leaves no lock": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1 });
    const failing = db.runTransaction(async (transaction) => {
      await transaction.get(collection.doc("a"));
      transaction.update(collection.doc("a"), { n: 2 });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await collection.doc("a").update({ m: 1 });
    expect((await collection.doc("a").get()).data()).toEqual({ n: 1, m: 1 });
  },
  "a refused write makes the whole transaction fail": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1 });
    const failing = db.runTransaction(async (transaction) => {
      await transaction.get(collection.doc("b"));
      transaction.set(collection.doc("b"), {});
      transaction.create(collection.doc("a"), {});
    });
    await refused(failing, "ALREADY_EXISTS");
    expect((await collection.doc("b").get()).exists).toBe(false);
  },
  "concurrent transactions on one document lose no update": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 0 });
    await atOnce(db, async (transaction) => {
      const snapshot = await transaction.get(collection.doc("a"));
      transaction.update(collection.doc("a"), { n: Number(snapshot.get("n")) + 1 });
    });
    expect((await collection.doc("a").get()).get("n")).toBe(CONCURRENT);
  },
  "concurrent transactions that query see each other's new documents": async ({
    db,
    collection,
  }) => {
    await atOnce(db, async (transaction) => {
      const found = await transaction.get(collection.where("kind", "==", "x"));
      transaction.create(collection.doc(`number-${found.size}`), { kind: "x" });
    });
    const found = await collection.get();
    expect(found.docs.map(({ id }) => id)).toEqual(["number-0", "number-1", "number-2"]);
  },
  "a read-only transaction sees one state, however much is written": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1 });
    await collection.doc("b").set({ n: 1 });
    const sum = await db.runTransaction(
      async (transaction) => {
        const first = await transaction.get(collection.doc("a"));
        await db
          .batch()
          .update(collection.doc("a"), { n: 10 })
          .update(collection.doc("b"), { n: 10 })
          .commit();
        const second = await transaction.get(collection.doc("b"));
        return Number(first.get("n")) + Number(second.get("n"));
      },
      { readOnly: true },
    );
    expect(sum).toBe(2);
  },
  "the past can be read": async ({ db, collection }) => {
    const first = await collection.doc("a").set({ n: 1 });
    await collection.doc("a").set({ n: 2 });
    const then = await db.runTransaction((transaction) => transaction.get(collection.doc("a")), {
      readOnly: true,
      readTime: first.writeTime,
    });
    expect(then.get("n")).toBe(1);
  },
  "a transaction that is over is refused": async ({ collection }, opened) => {
    const begun = await post(opened, `${ROOT}:beginTransaction`, {});
    expect(begun.status).toBe(200);
    const name = `${ROOT}/${collection.path}/a`;
    const body = { ...toRecord(begun.body), writes: [{ update: { name, fields: {} } }] };
    const first = await post(opened, `${ROOT}:commit`, body);
    const second = await post(opened, `${ROOT}:commit`, body);
    expect([first.status, second.status]).toEqual([200, 400]);
  },
};

async function atOnce(
  db: Firestore,
  run: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  await Promise.all(
    Array.from({ length: CONCURRENT }, async () => {
      await db.runTransaction(run);
    }),
  );
}

/** The one field of a begun transaction's answer is also the commit's. */
function toRecord(body: unknown): object {
  return typeof body === "object" && body !== null ? body : {};
}
