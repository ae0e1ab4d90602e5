import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyChanges,
  documentsIn,
  emptyDocuments,
  forgetAll,
  LATEST,
  readDocument,
} from "../../emulators/firestore/documents.ts";
import { prepareQuery, runQuery } from "../../emulators/firestore/query.ts";
import { Shelf } from "../../emulators/firestore/shelf.ts";
import type { Fields } from "../../emulators/firestore/value.ts";

const ROOT = "projects/p/databases/d/documents";

/** How much stays at hand here, in characters. */
const AT_HAND = 1000;

const { fields } = fc.letrec<{ value: object; fields: Fields }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: fc.string({ unit: "binary", maxLength: 300 }) }),
    fc.record({ integerValue: fc.integer().map(String) }),
    fc.record({ nullValue: fc.constant(null) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie("value"), { maxLength: 3 }) }) }),
    fc.record({ mapValue: fc.record({ fields: tie("fields") }) }),
  ),
  fields: fc.dictionary(fc.string({ maxLength: 20 }), tie("value"), {
    maxKeys: 4,
  }) as fc.Arbitrary<Fields>,
}));

test("fields read as they were written, also when they are not at hand any more", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND });
  await fc.assert(
    fc.asyncProperty(fields, async (given) => {
      const place = shelf.put(given);
      expect(shelf.fieldsAt(place)).toBe(given);
      await crowd(shelf);
      expect(shelf.fieldsAt(place)).toEqual(given);
    }),
  );
});

test("a value is the same from the fields, from the shelf, and remembered", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND });
  const long = "x".repeat(101);
  const place = shelf.put({
    short: { stringValue: "s" },
    long: { stringValue: long },
    "in.it": { mapValue: { fields: { deep: { integerValue: "1" } } } },
  });
  const paths = [["short"], ["long"], ["in.it"], ["in.it", "deep"], ["in", "it"], ["none"]];
  const read = (): unknown => paths.map((path) => shelf.valueAt(place, path));
  const first = read();
  expect(first).toEqual([
    { stringValue: "s" },
    { stringValue: long },
    { mapValue: { fields: { deep: { integerValue: "1" } } } },
    { integerValue: "1" },
    undefined,
    undefined,
  ]);
  for (let round = 0; round < 2; round += 1) {
    await crowd(shelf);
    expect(read()).toEqual(first);
  }
});

test("what is taken away is not read again, and its neighbour is", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND });
  const [one, other] = [shelf.put({ n: { integerValue: "1" } }), shelf.put({})];
  await crowd(shelf);
  expect(shelf.valueAt(one, ["n"])).toEqual({ integerValue: "1" });
  shelf.drop(one);
  expect(() => shelf.fieldsAt(one)).toThrow("taken away");
  expect(() => shelf.valueAt(one, ["n"])).toThrow("taken away");
  expect(shelf.fieldsAt(other)).toEqual({});
});

test("what does not go into the file stays readable, and goes there when there is room", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND, pagesMax: 20 });
  const large = Array.from({ length: 10 }, (_, index) =>
    shelf.put({ text: { stringValue: String(index).repeat(20_000) } }),
  );
  await written();
  const isThere = (place: number): boolean =>
    shelf.fieldsAt(place)["text"]?.stringValue?.length === 20_000;
  expect(large.every(isThere)).toBe(true);
  large.slice(0, 8).forEach((place) => shelf.drop(place));
  const small = shelf.put({ n: { integerValue: "1" } });
  await crowd(shelf);
  expect(large.slice(8).every(isThere)).toBe(true);
  expect(shelf.fieldsAt(small)).toEqual({ n: { integerValue: "1" } });
});

test("queries see values of many paths, more than are remembered", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND });
  const names = Array.from({ length: 65 }, (_, index) => `f${index}`);
  const place = shelf.put(Object.fromEntries(names.map((name) => [name, { stringValue: name }])));
  for (let round = 0; round < 2; round += 1) {
    for (const name of names) {
      await crowd(shelf);
      expect(shelf.valueAt(place, [name])).toEqual({ stringValue: name });
    }
  }
});

test("queries see values of many documents, more than are remembered", async () => {
  const shelf = new Shelf({ atHandMax: AT_HAND, valuesMax: 2 });
  const places = [0, 1, 2].map((n) => shelf.put({ n: { integerValue: String(n) } }));
  for (let round = 0; round < 2; round += 1) {
    await crowd(shelf);
    const seen = places.map((place) => shelf.valueAt(place, ["n"])?.integerValue);
    expect(seen).toEqual(["0", "1", "2"]);
  }
});

test("a query over more than is at hand finds, orders and selects as ever", async () => {
  const documents = emptyDocuments(new Shelf({ atHandMax: AT_HAND }));
  for (let index = 0; index < 30; index += 1) {
    write(
      documents,
      { id: `d${String(index).padStart(2, "0")}`, time: index + 1 },
      {
        even: { booleanValue: index % 2 === 0 },
        n: { integerValue: String(100 - index) },
        text: { stringValue: "x".repeat(AT_HAND / 10) },
      },
    );
  }
  const query = prepareQuery(ROOT, {
    from: [{ collectionId: "c" }],
    where: {
      fieldFilter: { field: { fieldPath: "even" }, op: "EQUAL", value: { booleanValue: true } },
    },
    orderBy: [{ field: { fieldPath: "n" } }],
    limit: 2,
  });
  for (let round = 0; round < 2; round += 1) {
    expect(runQuery(query, documents, LATEST)).toMatchObject([
      {
        name: `${ROOT}/c/d28`,
        fields: { n: { integerValue: "72" } },
        createTime: 1,
        updateTime: 29,
      },
      {
        name: `${ROOT}/c/d26`,
        fields: { n: { integerValue: "74" } },
        createTime: 1,
        updateTime: 27,
      },
    ]);
  }
});

test("a document that changes all the time keeps its last hundred versions", async () => {
  const documents = emptyDocuments();
  for (let time = 1; time <= 101; time += 1) {
    write(documents, { id: "one", time }, { n: { integerValue: String(time) } });
  }
  expect(readDocument(documents, `${ROOT}/c/one`, 2)?.fields).toEqual({ n: { integerValue: "2" } });
  expect(() => readDocument(documents, `${ROOT}/c/one`, 1)).toThrow("too old");
  expect(documentsIn(documents, `${ROOT}/c`, LATEST)).toHaveLength(1);
});

test("what is forgotten is off the shelf", async () => {
  const documents = emptyDocuments();
  write(documents, { id: "one", time: 1 }, { n: { integerValue: "1" } });
  const held = readDocument(documents, `${ROOT}/c/one`, LATEST);
  forgetAll(documents, 2);
  expect(() => held?.fields).toThrow("taken away");
  expect(documentsIn(documents, `${ROOT}/c`, LATEST)).toEqual([]);
});

/** Has so much else used that nothing else stays at hand. */
async function crowd(shelf: Shelf): Promise<void> {
  const place = shelf.put({ text: { stringValue: "x".repeat(AT_HAND) } });
  await written();
  shelf.drop(place);
}

/** Resolves when what was put down so far is in the file. */
async function written(): Promise<void> {
  await setImmediate();
}

function write(
  documents: ReturnType<typeof emptyDocuments>,
  { id, time }: { readonly id: string; readonly time: number },
  fieldsThen: Fields,
): void {
  const name = `${ROOT}/c/${id}`;
  const after = { name, fields: fieldsThen, createTime: 1, updateTime: time };
  applyChanges(documents, [{ name, before: null, after }], time);
}
