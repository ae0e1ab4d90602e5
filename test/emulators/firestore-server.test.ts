import type { Firestore } from "@google-cloud/firestore";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { ids, openClient, post, refused, ROOT } from "./firestore-bench.ts";

const HOUR_MS = 3_600_000;

const LISTED = z.object({
  documents: z.array(z.object({ name: z.string(), fields: z.object({}).loose() })),
  nextPageToken: z.string().optional(),
});

let clock: ManualClock;
let server: FirestoreServer;
let db: Firestore;

beforeEach(async () => {
  clock = manualClock();
  server = await startFirestore({ clock });
  db = openClient(server.grpcAddress);
});

afterEach(async () => {
  await db.terminate();
  await server.close();
});

async function request(method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${server.url}/v1/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe("the documents of the emulator", () => {
  test("are there after a restart, with their times, and later commits are later", async () => {
    const folder = mkdtempSync(join(tmpdir(), "firestore-"));
    try {
      const persistence = directoryPersistence(folder);
      const before = await startFirestore({ clock, persistence });
      const writer = openClient(before.grpcAddress);
      await writer.doc("c/a").set({ nan: Number.NaN, none: null, list: [1, { two: 2.5 }] });
      const { writeTime } = await writer.doc("c/b").set({ n: 1 });
      await writer.doc("c/gone").set({});
      await writer.doc("c/gone").delete();
      await writer.terminate();
      await before.close();
      await persistence.close();
      const again = directoryPersistence(folder);
      const after = await startFirestore({ clock, persistence: again });
      const reader = openClient(after.grpcAddress);
      const [a, b] = [await reader.doc("c/a").get(), await reader.doc("c/b").get()];
      expect(a.data()).toEqual({ nan: Number.NaN, none: null, list: [1, { two: 2.5 }] });
      expect(b.updateTime).toEqual(writeTime);
      expect(await ids(reader.collection("c"))).toEqual(["a", "b"]);
      const later = await reader.doc("c/b").update({ n: 2 }, { lastUpdateTime: writeTime });
      expect(later.writeTime.valueOf() > writeTime.valueOf()).toBe(true);
      await reader.terminate();
      await after.close();
      await again.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("are gone after a reset, and listeners see that", async () => {
    await db.doc("c/a").set({});
    const sizes: number[] = [];
    const stop = db.collection("c").onSnapshot(({ size }) => sizes.push(size));
    await expect.poll(() => sizes, { interval: 2 }).toEqual([1]);
    server.reset();
    await expect.poll(() => sizes, { interval: 2 }).toEqual([1, 0]);
    stop();
    await db.doc("c/a").create({});
  });
});

describe("times", () => {
  test("are the clock's, a microsecond apart while it stands still", async () => {
    const first = await db.doc("c/a").set({ n: 1 });
    const second = await db.doc("c/a").set({ n: 2 });
    await clock.advance(5);
    const third = await db.doc("c/a").set({ n: 3 });
    const nanos = [first, second, third].map(({ writeTime }) => writeTime.nanoseconds);
    expect(first.writeTime.toMillis()).toBe(clock.now() - 5);
    expect(nanos).toEqual([0, 1000, 5_000_000]);
  });

  test("of the past hour can be read, those before cannot", async () => {
    const { writeTime } = await db.doc("c/a").set({ n: 1 });
    await clock.advance(1);
    await db.doc("c/a").set({ n: 2 });
    const readTime = writeTime.toDate().toISOString();
    const read = { documents: [`${ROOT}/c/a`], readTime };
    await clock.advance(HOUR_MS - 1);
    const inTime = await post(server, `${ROOT}:batchGet`, read);
    expect(inTime.body).toMatchObject([{ found: { fields: { n: { integerValue: "1" } } } }]);
    await clock.advance(1);
    expect((await post(server, `${ROOT}:batchGet`, read)).status).toBe(400);
    const toCome = new Date(clock.now() + 1000).toISOString();
    const future = await post(server, `${ROOT}:batchGet`, { ...read, readTime: toCome });
    expect(future.status).toBe(400);
  });
});

describe("usage", () => {
  test("counts documents as they are billed, by call", async () => {
    await db.batch().set(db.doc("c/a"), {}).set(db.doc("c/b"), {}).delete(db.doc("c/x")).commit();
    await db.getAll(db.doc("c/a"), db.doc("c/none"));
    await db.collection("c").get();
    await db.collection("empty").get();
    await db.collection("c").count().get();
    expect(server.usage()).toEqual({ calls: 5, reads: 6, writes: 2, deletes: 1 });
    server.reset();
    expect(server.usage()).toEqual({ calls: 0, reads: 0, writes: 0, deletes: 0 });
  });

  test("does not count what is refused", async () => {
    await refused(db.doc("c/a").update({ n: 1 }), "NOT_FOUND");
    expect(server.usage()).toMatchObject({ calls: 1, writes: 0 });
  });
});

describe("the calls that the client does not make", () => {
  test("create and get a document over REST", async () => {
    const fields = { n: { integerValue: "1" }, m: { stringValue: "x" } };
    const path = `${ROOT}/top/one/c`;
    const created = await request("POST", `${path}?documentId=a&mask.fieldPaths=n`, { fields });
    expect(await created.json()).toMatchObject({ fields: { n: fields.n } });
    expect((await request("POST", `${path}?documentId=a`, {})).status).toBe(409);
    const got = await request("GET", `${path}/a`);
    expect(await got.json()).toMatchObject({ name: `${path}/a`, fields });
    expect((await request("GET", `${path}/b`)).status).toBe(404);
  });

  test("change and delete a document over REST, where it is as it must be", async () => {
    const path = `${ROOT}/c/a`;
    await db.doc("c/a").set({ n: 1, m: "x" });
    const fields = { n: { integerValue: "2" } };
    const changed = await request("PATCH", `${path}?updateMask.fieldPaths=n&mask.fieldPaths=n`, {
      fields,
    });
    expect(await changed.json()).toMatchObject({ name: path, fields });
    expect((await db.doc("c/a").get()).data()).toEqual({ n: 2, m: "x" });
    const missing = "currentDocument.exists=false";
    expect((await request("PATCH", `${path}?${missing}`, { fields })).status).toBe(409);
    expect((await request("DELETE", `${path}?${missing}`)).status).toBe(409);
    expect((await request("DELETE", path)).status).toBe(200);
    expect((await request("GET", path)).status).toBe(404);
  });

  test("a sum of integers that is too large for one is a double", async () => {
    const most = { integerValue: "9223372036854775807" };
    const sum = async (): Promise<unknown> => {
      const aggregations = [{ sum: { field: { fieldPath: "n" } } }];
      const structuredQuery = { from: [{ collectionId: "c" }] };
      const body = { structuredAggregationQuery: { structuredQuery, aggregations } };
      return (await request("POST", `${ROOT}:runAggregationQuery`, body)).json();
    };
    await request("PATCH", `${ROOT}/c/a`, { fields: { n: most } });
    expect(await sum()).toMatchObject([{ result: { aggregateFields: { field_1: most } } }]);
    await request("PATCH", `${ROOT}/c/b`, { fields: { n: { integerValue: "1" } } });
    const double = { doubleValue: 9_223_372_036_854_776_000 };
    expect(await sum()).toMatchObject([{ result: { aggregateFields: { field_1: double } } }]);
  });

  test("lists are paged, and have the fields that are asked for", async () => {
    await Promise.all(["a", "b", "c"].map((id) => db.doc(`c/${id}`).set({ n: 1, m: 2 })));
    const first = LISTED.parse(await (await request("GET", `${ROOT}/c?pageSize=2`)).json());
    const path = `${ROOT}/c?pageSize=2&mask.fieldPaths=n&pageToken=${first.nextPageToken}`;
    const second = LISTED.parse(await (await request("GET", path)).json());
    const names = [...first.documents, ...second.documents].map(({ name }) => name);
    expect(names).toEqual(["a", "b", "c"].map((id) => `${ROOT}/c/${id}`));
    expect(second).toMatchObject({ documents: [{ fields: { n: { integerValue: "1" } } }] });
    expect(Object.keys(second.documents[0]?.fields ?? {})).toEqual(["n"]);
    expect(second.nextPageToken).toBeUndefined();
    expect((await request("GET", `${ROOT}/c?pageToken=nonsense`)).status).toBe(400);
  });

  test("a document without an id gets one", async () => {
    const created = await request("POST", `${ROOT}/top/one/c`, {});
    const text = await created.text();
    expect(text).toMatch(/"name":"[^"]*\/documents\/top\/one\/c\/[0-9a-zA-Z]{20}"/);
  });

  test.each([
    ["POST", ":executePipeline", {}, "ExecutePipeline"],
    ["GET", "/c?orderBy=n", undefined, "order_by"],
    ["POST", ":partitionQuery", {}, "PartitionQuery"],
    ["POST", ":runQuery", { structuredQuery: { findNearest: {} } }, "findNearest"],
    ["POST", ":runQuery", { explainOptions: {} }, "explain_options"],
    ["POST", ":commit", { writes: [written({ geoPointValue: {} })] }, "geoPointValue"],
    ["POST", ":commit", { writes: [written({}, { maximum: {} })] }, "maximum"],
    ["POST", ":commit", { writes: [{ transform: {} }] }, "transform"],
  ])("%s %s %o is refused by name", async (method, path, body, name) => {
    const answer = await request(method, `${ROOT}${path}`, body);
    expect([answer.status, await answer.text()]).toEqual([501, expect.stringContaining(name)]);
  });
});

function written(value: object, transform?: object): object {
  const update = { name: `${ROOT}/c/a`, fields: { n: value } };
  return transform === undefined
    ? { update }
    : {
        update: { name: update.name },
        updateTransforms: [{ fieldPath: "n", ...transform }],
      };
}
