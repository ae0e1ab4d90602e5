import { FieldPath, FieldValue, Timestamp } from "@google-cloud/firestore";
import { expect } from "vitest";
import { type Checks, post, refused, ROOT } from "./firestore-bench.ts";

/** Reading and writing documents. */
export const documentChecks: Checks = {
  "a document comes back with its values, whatever their types": async ({ db, collection }) => {
    const data = {
      none: null,
      yes: true,
      no: false,
      integer: 42,
      zero: 0,
      double: 1.5,
      nan: Number.NaN,
      infinity: Number.NEGATIVE_INFINITY,
      text: "",
      bytes: Buffer.from([0, 255]),
      time: new Timestamp(1_700_000_000, 123_456_000),
      reference: db.doc("other/one"),
      list: [1, "two", { three: 3 }, null],
      map: { "a.b": { deep: [] } },
      empty: {},
    };
    await collection.doc("a").set(data);
    const snapshot = await collection.doc("a").get();
    expect(snapshot.data()).toEqual(data);
  },
  "times are cut to microseconds": async ({ collection }) => {
    await collection.doc("a").set({ time: new Timestamp(5, 123_456_789) });
    const snapshot = await collection.doc("a").get();
    expect(snapshot.get("time")).toEqual(new Timestamp(5, 123_456_000));
  },
  "a document that does not exist is read as missing": async ({ collection }) => {
    const snapshot = await collection.doc("a").get();
    expect(snapshot.exists).toBe(false);
    expect(snapshot.readTime.toMillis()).toBeGreaterThan(0);
  },
  "several documents are read at one time, in the order asked for": async ({ db, collection }) => {
    await collection.doc("b").set({ n: 2 });
    const [first, second] = await db.getAll(collection.doc("b"), collection.doc("a"));
    expect(first?.get("n")).toBe(2);
    expect(second?.exists).toBe(false);
    expect(first?.readTime).toEqual(second?.readTime);
  },
  "a field mask limits what is read": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1, map: { x: 1, y: 2 } });
    const [snapshot] = await db.getAll(collection.doc("a"), { fieldMask: ["map.x"] });
    expect(snapshot?.data()).toEqual({ map: { x: 1 } });
  },
  "set replaces, merge keeps, update changes single fields": async ({ collection }) => {
    const ref = collection.doc("a");
    await ref.set({ n: 1, map: { x: 1, y: 2 } });
    await ref.set({ map: { x: 3 } }, { merge: true });
    expect((await ref.get()).data()).toEqual({ n: 1, map: { x: 3, y: 2 } });
    await ref.update({ "map.y": FieldValue.delete(), "list.first": 1 });
    expect((await ref.get()).data()).toEqual({ n: 1, map: { x: 3 }, list: { first: 1 } });
    await ref.update(new FieldPath("odd.name"), "yes");
    expect((await ref.get()).get(new FieldPath("odd.name"))).toBe("yes");
    await ref.set({ only: true });
    expect((await ref.get()).data()).toEqual({ only: true });
  },
  "merging nothing creates an empty document": async ({ collection }) => {
    await collection.doc("a").set({}, { merge: true });
    expect((await collection.doc("a").get()).data()).toEqual({});
  },
  "create refuses a document that exists": async ({ collection }) => {
    await collection.doc("a").create({ n: 1 });
    await refused(collection.doc("a").create({ n: 2 }), "ALREADY_EXISTS");
    expect((await collection.doc("a").get()).get("n")).toBe(1);
  },
  "update refuses a document that does not exist": async ({ collection }) => {
    await refused(collection.doc("a").update({ n: 1 }), "NOT_FOUND");
    expect((await collection.doc("a").get()).exists).toBe(false);
  },
  "an update time that is not the last one is refused": async ({ collection }) => {
    const ref = collection.doc("a");
    const first = await ref.set({ n: 1 });
    const second = await ref.update({ n: 2 }, { lastUpdateTime: first.writeTime });
    await refused(ref.update({ n: 3 }, { lastUpdateTime: first.writeTime }), "FAILED_PRECONDITION");
    await refused(ref.delete({ lastUpdateTime: first.writeTime }), "FAILED_PRECONDITION");
    await ref.delete({ lastUpdateTime: second.writeTime });
    await refused(ref.delete({ lastUpdateTime: second.writeTime }), "FAILED_PRECONDITION");
  },
  "delete is done twice without harm, unless the document must exist": async ({ collection }) => {
    await collection.doc("a").set({});
    await collection.doc("a").delete();
    await collection.doc("a").delete();
    await refused(collection.doc("a").delete({ exists: true }), "NOT_FOUND");
  },
  "update times grow, and a write that changes nothing keeps them": async ({ collection }) => {
    const ref = collection.doc("a");
    const first = await ref.set({ n: 1 });
    const same = await ref.set({ n: 1 });
    const next = await ref.set({ n: 2 });
    const snapshot = await ref.get();
    expect(same.writeTime).toEqual(first.writeTime);
    expect(next.writeTime.valueOf() > first.writeTime.valueOf()).toBe(true);
    expect(snapshot.updateTime).toEqual(next.writeTime);
    expect(snapshot.createTime).toEqual(first.writeTime);
  },
  "transforms work out their fields on the server": async ({ collection }) => {
    const ref = collection.doc("a");
    const wrote = await ref.set({ n: 5, half: 0.5, text: "x", list: [1, 2, 2] });
    await ref.update({
      n: FieldValue.increment(2),
      half: FieldValue.increment(1),
      text: FieldValue.increment(1),
      fresh: FieldValue.increment(-4),
      list: FieldValue.arrayUnion(2, 3, 3),
      at: FieldValue.serverTimestamp(),
    });
    const at: unknown = (await ref.get()).get("at");
    const atMs = at instanceof Timestamp ? at.toMillis() : 0;
    expect(atMs).toBeGreaterThanOrEqual(wrote.writeTime.toMillis());
    await ref.update({ list: FieldValue.arrayRemove(2), at: FieldValue.delete() });
    expect((await ref.get()).data()).toEqual({
      n: 7,
      half: 1.5,
      text: 1,
      fresh: -4,
      list: [1, 3],
    });
  },
  "a batch is written whole or not at all": async ({ db, collection }) => {
    await collection.doc("b").set({ n: 1 });
    const batch = db.batch().set(collection.doc("a"), { n: 1 }).create(collection.doc("b"), {});
    await refused(batch.commit(), "ALREADY_EXISTS");
    expect((await collection.doc("a").get()).exists).toBe(false);
    const results = await db
      .batch()
      .set(collection.doc("a"), { n: 1 })
      .update(collection.doc("a"), { n: FieldValue.increment(1) })
      .delete(collection.doc("b"))
      .commit();
    expect(results).toHaveLength(3);
    expect((await collection.doc("a").get()).get("n")).toBe(2);
    expect((await collection.doc("b").get()).exists).toBe(false);
  },
  "an array directly in an array is refused": async ({ collection }, opened) => {
    const value = { arrayValue: { values: [{ arrayValue: {} }] } };
    const name = `${ROOT}/${collection.path}/a`;
    const { status } = await post(opened, `${ROOT}:commit`, {
      writes: [{ update: { name, fields: { list: value } } }],
    });
    expect(status).toBe(400);
  },
  "documents and collections are listed, also those that are only on the way": async ({
    collection,
  }) => {
    await collection.doc("b").set({});
    await collection.doc("a/inner/one").set({});
    const documents = await collection.listDocuments();
    const collections = await collection.doc("a").listCollections();
    expect(documents.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(collections.map(({ id }) => id)).toEqual(["inner"]);
  },
  "bulk writes succeed and fail each for itself": async ({ db, collection }) => {
    await collection.doc("a").set({ n: 1 });
    const writer = db.bulkWriter();
    writer.onWriteError(() => false);
    const outcomes = Promise.allSettled([
      writer.create(collection.doc("a"), {}),
      writer.set(collection.doc("b"), { n: 2 }),
    ]);
    await writer.close();
    const [first, second] = await outcomes;
    expect(first).toMatchObject({ status: "rejected", reason: { code: 6 } });
    expect(second.status).toBe("fulfilled");
    expect((await collection.doc("b").get()).get("n")).toBe(2);
  },
  "a collection with everything under it is deleted": async ({ db, collection }) => {
    await collection.doc("a").set({});
    await collection.doc("a/inner/b").set({});
    await collection.doc("c/inner/d").set({});
    await db.recursiveDelete(collection);
    expect(await collection.listDocuments()).toEqual([]);
  },
  "a write to another database is refused": async (_bench, opened) => {
    const name = "projects/other/databases/(default)/documents/a/b";
    const writes = [{ update: { name, fields: {} } }];
    expect((await post(opened, `${ROOT}:commit`, { writes })).status).toBe(400);
  },
  "500 transforms in one write are done, 501 are refused": async ({ collection }, opened) => {
    const name = `${ROOT}/${collection.path}/a`;
    const commit = async (count: number): Promise<number> => {
      const updateTransforms = Array.from({ length: count }, (_, n) => ({
        fieldPath: `f${n}`,
        increment: { integerValue: "1" },
      }));
      const writes = [{ update: { name, fields: {} }, updateTransforms }];
      return (await post(opened, `${ROOT}:commit`, { writes })).status;
    };
    expect(await commit(500)).toBe(200);
    expect(await commit(501)).toBe(400);
  },
  "ids that the service reserves are refused": async ({ collection }, opened) => {
    const bad = ["__x__", ".", "..", "x".repeat(1501)];
    const statuses = await Promise.all(
      [...bad, "x".repeat(1500), "__x", "x__"].map(async (id) => {
        const writes = [{ update: { name: `${ROOT}/${collection.path}/${id}`, fields: {} } }];
        return (await post(opened, `${ROOT}:commit`, { writes })).status;
      }),
    );
    expect(statuses).toEqual([400, 400, 400, 400, 200, 200, 200]);
  },
  "a document above one mebibyte is refused, one just below is stored": async ({ collection }) => {
    await refused(collection.doc("a").set({ text: "x".repeat(1_048_577) }), "INVALID_ARGUMENT");
    await collection.doc("a").set({ text: "x".repeat(1_048_000) });
    expect((await collection.doc("a").get()).exists).toBe(true);
  },
};
