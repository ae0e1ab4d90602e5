import { FieldValue, type Firestore } from "@google-cloud/firestore";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { openClient, post, ROOT } from "./firestore-bench.ts";

const ACCOUNTS = ["a", "b", "c"] as const;
const OPENING_BALANCE = 100;
const ATTEMPTS_MAX = 20;
const RUNS = 25;

const account = fc.constantFrom(...ACCOUNTS);

const transfer = fc
  .record({ from: account, to: account, amount: fc.integer({ min: 1, max: 50 }) })
  .filter(({ from, to }) => from !== to);

type Transfer = { readonly from: string; readonly to: string; readonly amount: number };

let server: FirestoreServer;
let db: Firestore;
let runs = 0;

beforeAll(async () => {
  server = await startFirestore({ clock: manualClock() });
  db = openClient(server.grpcAddress);
});

afterAll(async () => {
  await db.terminate();
  await server.close();
});

/** A collection that no other run uses, with an account each at its opening balance. */
async function openAccounts(): Promise<string> {
  runs += 1;
  const collection = `run-${runs}`;
  const batch = db.batch();
  for (const id of ACCOUNTS) {
    batch.set(db.doc(`${collection}/${id}`), { balance: OPENING_BALANCE });
  }
  await batch.commit();
  return collection;
}

async function balances(collection: string): Promise<Readonly<Record<string, number>>> {
  const { docs } = await db.collection(collection).get();
  return Object.fromEntries(docs.map((doc) => [doc.id, Number(doc.get("balance"))]));
}

function expected(transfers: readonly Transfer[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    ACCOUNTS.map((id) => {
      const gained = transfers.filter(({ to }) => to === id).map(({ amount }) => amount);
      const lost = transfers.filter(({ from }) => from === id).map(({ amount }) => -amount);
      return [id, [...gained, ...lost].reduce((sum, one) => sum + one, OPENING_BALANCE)];
    }),
  );
}

test("however increments are made at the same time, none is lost", async () => {
  const increment = fc.record({ id: account, by: fc.integer(), isTransaction: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(increment, { maxLength: 12 }), async (increments) => {
      const collection = await openAccounts();
      await Promise.all(
        increments.map(async ({ id, by, isTransaction }) => {
          const ref = db.doc(`${collection}/${id}`);
          if (!isTransaction) {
            await ref.update({ balance: FieldValue.increment(by) });
            return;
          }
          await db.runTransaction(async (transaction) => {
            const balance = Number((await transaction.get(ref)).get("balance"));
            transaction.update(ref, { balance: balance + by });
          });
        }),
      );
      const moves = increments.map(({ id, by }) => ({ from: "", to: id, amount: by }));
      expect(await balances(collection)).toEqual(expected(moves));
    }),
    { numRuns: RUNS },
  );
});

test("however transfers cross, each is made once and the money stays the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transfer, { maxLength: 10 }), async (transfers) => {
      const collection = await openAccounts();
      await Promise.all(
        transfers.map(async ({ from, to, amount }) => {
          const [source, target] = [db.doc(`${collection}/${from}`), db.doc(`${collection}/${to}`)];
          await db.runTransaction(async (transaction) => {
            const [before, after] = await transaction.getAll(source, target);
            transaction.update(source, { balance: Number(before?.get("balance")) - amount });
            transaction.update(target, { balance: Number(after?.get("balance")) + amount });
          });
        }),
      );
      expect(await balances(collection)).toEqual(expected(transfers));
    }),
    { numRuns: RUNS },
  );
});

test("transfers that read one account after the other, in any order, end and lose nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(transfer, { maxLength: 8 }), async (transfers) => {
      const collection = await openAccounts();
      const attempts = await Promise.all(
        transfers.map((one) => transferWithRetries(collection, one)),
      );
      expect(Math.max(0, ...attempts)).toBeLessThan(ATTEMPTS_MAX);
      expect(await balances(collection)).toEqual(expected(transfers));
    }),
    { numRuns: RUNS },
  );
});

const Begun = z.object({ transaction: z.string() });
const Read = z.tuple([
  z.object({
    found: z.object({ fields: z.object({ balance: z.object({ integerValue: z.string() }) }) }),
  }),
]);

/** Retries as a client does, with the age of the first attempt; gives how many attempts it took. */
async function transferWithRetries(collection: string, one: Transfer): Promise<number> {
  let retryTransaction = "";
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const options = { readWrite: retryTransaction === "" ? {} : { retryTransaction } };
    const { body } = await post(server, `${ROOT}:beginTransaction`, { options });
    const { transaction } = Begun.parse(body);
    if (await tryTransfer(collection, one, transaction)) {
      return attempt;
    }
    retryTransaction = transaction;
  }
  return ATTEMPTS_MAX;
}

async function tryTransfer(
  collection: string,
  { from, to, amount }: Transfer,
  transaction: string,
): Promise<boolean> {
  const writes: object[] = [];
  for (const { id, by } of [
    { id: from, by: -amount },
    { id: to, by: amount },
  ]) {
    const name = `${ROOT}/${collection}/${id}`;
    const read = await post(server, `${ROOT}:batchGet`, { transaction, documents: [name] });
    if (read.status === 409) {
      return false;
    }
    const [{ found }] = Read.parse(read.body);
    const balance = Number(found.fields.balance.integerValue) + by;
    writes.push({ update: { name, fields: { balance: { integerValue: String(balance) } } } });
  }
  const { status } = await post(server, `${ROOT}:commit`, { transaction, writes });
  return status === 200;
}
