import {
  AggregateField,
  type CollectionReference,
  FieldPath,
  Filter,
  Timestamp,
} from "@google-cloud/firestore";
import { expect } from "vitest";
import { type Checks, ids, queryStatus } from "./firestore-bench.ts";

/** A value of each type in the order of values; the ids tell what they are. */
function ordered(collection: CollectionReference): readonly (readonly [string, unknown])[] {
  return [
    ["null", null],
    ["false", false],
    ["true", true],
    ["nan", Number.NaN],
    ["minus", -1],
    ["one", 1],
    ["one-and-a-half", 1.5],
    ["time", Timestamp.fromMillis(5)],
    ["a", "a"],
    ["z", "z"],
    ["surrogates", "\u{1F600}"],
    ["bytes", Buffer.from([1])],
    ["reference", collection.doc("x")],
    ["list", [1, 2]],
    ["longer-list", [1, "x"]],
    ["map", { a: 1 }],
    ["larger-map", { a: 1, b: 2 }],
  ];
}

async function fill(collection: CollectionReference): Promise<readonly string[]> {
  const batch = collection.firestore.batch();
  for (const [id, value] of ordered(collection)) {
    batch.set(collection.doc(id), { value });
  }
  batch.set(collection.doc("without"), { other: 1 });
  await batch.commit();
  return ordered(collection).map(([id]) => id);
}

async function fillFruit(collection: CollectionReference): Promise<void> {
  const batch = collection.firestore.batch();
  batch.set(collection.doc("apple"), { price: 3, color: "red", tags: ["sweet", "hard"] });
  batch.set(collection.doc("lemon"), { price: 1, color: "yellow", tags: ["sour"] });
  batch.set(collection.doc("cherry"), { price: 5, color: "red", tags: ["sweet"] });
  batch.set(collection.doc("melon"), { price: 8, color: "yellow", tags: [] });
  batch.set(collection.doc("fig"), { price: "unknown", color: null });
  await batch.commit();
}

/** Queries and aggregations. */
export const queryChecks: Checks = {
  "values of all types have one order, and documents without the field are left out": async ({
    collection,
  }) => {
    const expected = await fill(collection);
    expect(await ids(collection.orderBy("value"))).toEqual(expected);
    expect(await ids(collection.orderBy("value", "desc"))).toEqual(expected.toReversed());
  },
  "inequalities stay within a type": async ({ collection }) => {
    await fill(collection);
    expect(await ids(collection.where("value", ">", -1))).toEqual(["one", "one-and-a-half"]);
    expect(await ids(collection.where("value", "<=", 1))).toEqual(["minus", "one"]);
    expect(await ids(collection.where("value", ">=", "b"))).toEqual(["z", "surrogates"]);
    expect(await ids(collection.where("value", ">", false))).toEqual(["true"]);
  },
  "equality, inequality and lists treat null and NaN as documented": async ({ collection }) => {
    const all = await fill(collection);
    const notNull = all.filter((id) => id !== "null");
    expect(await ids(collection.where("value", "==", null))).toEqual(["null"]);
    expect(await ids(collection.where("value", "==", Number.NaN))).toEqual(["nan"]);
    expect(await ids(collection.where("value", "!=", null))).toEqual(notNull);
    expect(await ids(collection.where("value", "!=", 1))).toEqual(
      notNull.filter((id) => id !== "one"),
    );
    expect(await ids(collection.where("value", "in", [1, "z"]))).toEqual(["one", "z"]);
    expect(await ids(collection.where("value", "not-in", [1, "z"]))).toEqual(
      notNull.filter((id) => id !== "one" && id !== "z"),
    );
    expect(await ids(collection.where("value", "not-in", [null, 1]))).toEqual([]);
  },
  "elements of arrays are found": async ({ collection }) => {
    await fillFruit(collection);
    expect(await ids(collection.where("tags", "array-contains", "sweet"))).toEqual([
      "apple",
      "cherry",
    ]);
    expect(await ids(collection.where("tags", "array-contains-any", ["sour", "hard"]))).toEqual([
      "apple",
      "lemon",
    ]);
  },
  "filters combine with and and or": async ({ collection }) => {
    await fillFruit(collection);
    const red = Filter.where("color", "==", "red");
    const cheap = Filter.where("price", "<", 4);
    expect(await ids(collection.where(Filter.and(red, cheap)))).toEqual(["apple"]);
    expect(await ids(collection.where(Filter.or(red, cheap)).orderBy("price"))).toEqual([
      "lemon",
      "apple",
      "cherry",
    ]);
    expect(await ids(collection.where("color", "==", "red").where("price", ">", 3))).toEqual([
      "cherry",
    ]);
  },
  "cursors, limits and offsets cut the results": async ({ collection }) => {
    await fillFruit(collection);
    const byPrice = collection.where("price", "<", 100).orderBy("price");
    expect(await ids(byPrice.startAt(3))).toEqual(["apple", "cherry", "melon"]);
    expect(await ids(byPrice.startAfter(3).limit(1))).toEqual(["cherry"]);
    expect(await ids(byPrice.endBefore(5))).toEqual(["lemon", "apple"]);
    expect(await ids(byPrice.endAt(5).offset(1))).toEqual(["apple", "cherry"]);
    expect(await ids(byPrice.limitToLast(2))).toEqual(["cherry", "melon"]);
    const cherry = await collection.doc("cherry").get();
    expect(await ids(collection.orderBy("color", "desc").startAfter(cherry))).toEqual([
      "apple",
      "fig",
    ]);
  },
  "documents are ordered and found by name": async ({ collection }) => {
    await fillFruit(collection);
    const name = FieldPath.documentId();
    expect(await ids(collection)).toEqual(["apple", "cherry", "fig", "lemon", "melon"]);
    expect(await ids(collection.where(name, ">", "fig"))).toEqual(["lemon", "melon"]);
    expect(await ids(collection.where(name, "in", ["fig", "none"]))).toEqual(["fig"]);
    const yellow = collection.where("color", "==", "yellow");
    expect(await ids(yellow.orderBy(name, "desc"))).toEqual(["melon", "lemon"]);
  },
  "a collection group finds documents at any depth, in one database": async ({
    db,
    collection,
  }) => {
    const group = `${collection.id}-parts`;
    await db.doc(`${group}/top`).set({ n: 1 });
    await collection.doc("a").collection(group).doc("one").set({ n: 2 });
    await collection.doc("a/inner/b").collection(group).doc("two").set({ n: 3 });
    expect(await ids(db.collectionGroup(group).where("n", ">", 1))).toEqual(["one", "two"]);
    expect(await ids(db.collectionGroup(group).orderBy("n", "desc"))).toEqual([
      "two",
      "one",
      "top",
    ]);
  },
  "a projection returns only its fields": async ({ collection }) => {
    await fillFruit(collection);
    const snapshot = await collection.where("price", "==", 8).select("color").get();
    expect(snapshot.docs.map((document) => document.data())).toEqual([{ color: "yellow" }]);
    const names = await collection.where("price", "==", 8).select().get();
    expect(names.docs.map((document) => document.data())).toEqual([{}]);
  },
  "aggregations count, sum and average": async ({ collection }) => {
    await fillFruit(collection);
    const figures = await collection
      .aggregate({
        count: AggregateField.count(),
        sum: AggregateField.sum("price"),
        average: AggregateField.average("price"),
      })
      .get();
    expect(figures.data()).toEqual({ count: 5, sum: 17, average: 4.25 });
    const none = await collection
      .aggregate({ sum: AggregateField.sum("x"), average: AggregateField.average("x") })
      .get();
    expect(none.data()).toEqual({ sum: 0, average: null });
  },
  "results are counted, up to a limit": async ({ collection }) => {
    await fillFruit(collection);
    const red = collection.where("color", "==", "red");
    const counts = [red, collection, collection.limit(3)].map(async (query) => {
      const counted = await query.count().get();
      return counted.data().count;
    });
    expect(await Promise.all(counts)).toEqual([2, 5, 3]);
  },
  "names are not sorted downwards by themselves": async ({ collection }, opened) => {
    const orderBy = [{ field: { fieldPath: "__name__" }, direction: "DESCENDING" }];
    const query = { from: [{ collectionId: collection.id }], orderBy };
    expect(await queryStatus(opened, query)).toBe(400);
  },
};
