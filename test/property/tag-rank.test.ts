import fc from "fast-check";
import semver from "semver";
import { expect, test } from "vitest";
import { buildRank, versionRank } from "../../shared/adapters/tag-rank.ts";

const number = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.maxSafeNat());
const word = fc.stringMatching(/^[0-9A-Za-z-]{1,4}$/).filter((text) => !/^0\d+$/.test(text));
const versions = fc
  .record({ core: fc.tuple(number, number, number), rest: fc.array(word, { maxLength: 4 }) })
  .map(({ core, rest }) => `${core.join(".")}${rest.length === 0 ? "" : `-${rest.join(".")}`}`);

function order(one: string | bigint, other: string | bigint): number {
  return Number(one > other) - Number(one < other);
}

test("the ranks of versions have the precedence of semantic versions", () => {
  fc.assert(
    fc.property(versions, versions, (one, other) => {
      const ranks = order(versionRank(one) ?? "", versionRank(other) ?? "");
      expect(ranks).toBe(semver.compare(one, other));
    }),
    { numRuns: 2000 },
  );
});

test("the ranks of builds have the order of numbers, of any length and with zeros before them", () => {
  const builds = fc.record({ zeros: fc.nat(3), value: fc.bigInt({ min: 0n, max: 10n ** 40n }) });
  fc.assert(
    fc.property(builds, builds, (one, other) => {
      const [rank, otherRank] = [one, other].map(({ zeros, value }) =>
        buildRank(`${"0".repeat(zeros)}${value}`),
      );
      expect(order(rank ?? "", otherRank ?? "")).toBe(order(one.value, other.value));
    }),
    { numRuns: 2000 },
  );
});

test("what is no version and no number has no rank", () => {
  expect([versionRank("latest"), versionRank("1.2"), versionRank("")]).toEqual([null, null, null]);
  expect([buildRank("4x"), buildRank(""), buildRank("-1")]).toEqual([null, null, null]);
  expect(versionRank("v1.2.3")).toBe(versionRank("1.2.3"));
});

test.each([
  ["1.0.1-rc.10", "1.0.1-rc.9", 1],
  ["1.0.1-rc10", "1.0.1-rc9", -1],
])("%s beside %s: numbers count as numbers only between dots", (one, other, expected) => {
  expect(order(versionRank(one) ?? "", versionRank(other) ?? "")).toBe(expected);
});
