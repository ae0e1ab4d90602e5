import { expect, test } from "vitest";
import { checkpointFacts, HEADS_PER_RECORD, readHeads } from "../../shared/domain/checkpoint.ts";
import type { ChainHead } from "../../shared/domain/checkpoint.ts";

function heads(count: number): readonly ChainHead[] {
  return Array.from({ length: count }, (_, index) => ({
    chain: `service-${index}`,
    sequence: index + 1,
    hash: String(index).padStart(64, "0"),
  }));
}

test.each([
  [0, 0],
  [1, 1],
  [HEADS_PER_RECORD, 1],
  [HEADS_PER_RECORD + 1, 2],
])("%i heads take %i records, and are read as they were", (count, records) => {
  const facts = checkpointFacts(heads(count));
  expect(facts).toHaveLength(records);
  expect(facts.flatMap(({ details }) => readHeads(details["heads"] ?? ""))).toEqual(heads(count));
});

test("what is no head is left out", () => {
  expect(readHeads("")).toEqual([]);
  expect(readHeads("web x y\nweb 1\nweb 2 ab")).toEqual([
    { chain: "web", sequence: 2, hash: "ab" },
  ]);
});
