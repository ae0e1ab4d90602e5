import fc from "fast-check";
import { expect, test } from "vitest";
import {
  documentsIn,
  emptyDocuments,
  applyChanges,
  LATEST,
  readDocument,
} from "../../emulators/firestore/documents.ts";
import { areSameFields, packFields, unpackFields } from "../../emulators/firestore/packed.ts";
import type { Fields, Value } from "../../emulators/firestore/value.ts";

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

test("what is kept as text reads as it was written, also as JSON", () => {
  fc.assert(
    fc.property(fields, (written) => {
      const packed = packFields(written);
      expect(unpackFields(packed)).toEqual(written);
      expect(JSON.parse(JSON.stringify(packed))).toEqual(JSON.parse(JSON.stringify(written)));
      expect(areSameFields(packed, written)).toBe(true);
    }),
  );
});

function body(order: readonly string[], text: string): Fields {
  const parts = order.map((name): [string, Value] => [
    name,
    { stringValue: name === "b" ? text : "x".repeat(300) },
  ]);
  return { body: { mapValue: { fields: Object.fromEntries(parts) } } };
}

test("a large map is the same in another order, and another one with one letter changed", () => {
  const kept = packFields(body(["a", "b"], "one"));
  expect(kept["body"]).not.toHaveProperty("fields");
  expect(areSameFields(kept, body(["b", "a"], "one"))).toBe(true);
  expect(areSameFields(kept, body(["a", "b"], "two"))).toBe(false);
});

test("a document that changes all the time keeps its last hundred versions", () => {
  const documents = emptyDocuments();
  const name = "projects/p/databases/d/documents/c/one";
  for (let time = 1; time <= 101; time += 1) {
    const after = {
      name,
      fields: { n: { integerValue: String(time) } },
      createTime: 1,
      updateTime: time,
    };
    applyChanges(documents, [{ name, before: null, after }], time);
  }
  expect(readDocument(documents, name, 2)?.updateTime).toBe(2);
  expect(() => readDocument(documents, name, 1)).toThrow("too old");
  expect(documentsIn(documents, "projects/p/databases/d/documents/c", LATEST)).toHaveLength(1);
});
