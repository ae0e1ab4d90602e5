import { describe, expect, test } from "vitest";
import { applyFieldMask } from "../../emulators/kit/field-mask.ts";
import { parseFilter } from "../../emulators/kit/filter.ts";
import { orderBy } from "../../emulators/kit/values.ts";
import { paginate } from "../../emulators/kit/page.ts";

const rollout = {
  name: "projects/p/rollouts/r-1",
  state: "SUCCEEDED",
  approvalState: "DOES_NOT_NEED_APPROVAL",
  targetId: "prod",
  labels: { team: "web", "slipway.dev/kind": "push" },
  attributes: ["a", "b"],
  deployEndTime: "2026-11-20T10:00:00Z",
  attempts: 3,
  sizeBytes: "12345678901",
  phases: [{ id: "canary-10" }, { id: "stable" }],
  suspended: true,
};

const nestedFilter = (depth: number): string => `${"(".repeat(depth)}name:*${")".repeat(depth)}`;
const longFilter = (length: number): string => `name!="${"x".repeat(length - 8)}"`;

describe("a filter", () => {
  test.each([
    ["", true],
    ['state="SUCCEEDED"', true],
    ["state=SUCCEEDED", true],
    ['state="FAILED"', false],
    ['state!="FAILED"', true],
    ['state!="SUCCEEDED"', false],
    [
      '(approvalState!="REJECTED" AND approvalState!="NEEDS_APPROVAL") AND state="SUCCEEDED" AND targetId="prod"',
      true,
    ],
    ['TargetId="prod"', true],
    ['target_id="prod"', true],
    ['state="FAILED" OR state="SUCCEEDED"', true],
    ['state="FAILED" OR targetId="prod" AND state="FAILED"', false],
    ['state="SUCCEEDED" targetId="prod"', true],
    ['state="SUCCEEDED" targetId="dev"', false],
    ['NOT state="FAILED"', true],
    ['-state="SUCCEEDED"', false],
    ['NOT (state="SUCCEEDED" AND targetId="dev")', true],
    ['labels.team="web"', true],
    ['labels."slipway.dev/kind"="push"', true],
    ["labels:team", true],
    ["labels:crew", false],
    ["labels.team:*", true],
    ["labels.crew:*", false],
    ["attributes:b", true],
    ["attributes:c", false],
    ["attributes=b", true],
    ["phases.id=stable", true],
    ["phases.id=stale", false],
    ["attempts>2", true],
    ["attempts>=3", true],
    ["attempts<3", false],
    ["attempts<=3", true],
    ["sizeBytes>9000000000", true],
    ['deployEndTime>"2026-11-20T09:59:59.5Z"', true],
    ['deployEndTime<"2026-11-20T10:00:00+01:00"', false],
    ["deployEndTime>2026-11-21", false],
    ['name="projects/*/rollouts/r-*"', true],
    ['name="*r-2"', false],
    ["name:rollouts", true],
    ['name:"rollouts"', true],
    ["suspended=true", true],
    ["suspended=false", false],
    ["abandoned=false", true],
    ["absent=0", true],
    ['absent=""', true],
    ["absent=x", false],
    ["absent!=x", true],
    ["attempts=-1", false],
    ["attempts>-1", true],
    ["deployEndTime=2026-11-20T10:00:00Z", true],
    ["state=-x", false],
    ["name='projects/p/rollouts/r-1'", true],
  ])("%s lets the record through: %s", (text, expected) => {
    expect(parseFilter(text)(rollout)).toBe(expected);
  });

  test("may be long and nested, up to an end", () => {
    for (const text of [nestedFilter(50), longFilter(20_000)]) {
      expect(parseFilter(text)(rollout)).toBe(true);
    }
    expect(() => parseFilter(nestedFilter(51))).toThrow("at position 50: nested too deep");
    expect(() => parseFilter(longFilter(20_001))).toThrow("at most 20000 characters");
    expect(() => parseFilter("(".repeat(1_000_000))).toThrow("at most 20000 characters");
  });

  test.each([
    "state=",
    "(state=x",
    "state=x)",
    '"unclosed',
    "AND",
    "a = = b",
    "state=x AND",
    "!x",
    "prod",
    "name:(a, b)",
  ])("%s is refused", (text) => {
    expect(() => parseFilter(text)).toThrow(/Invalid filter at position \d+/);
  });
});

describe("an order", () => {
  const items = [
    { name: "b", deployEndTime: "2026-01-02T00:00:00Z", size: 9 },
    { name: "a", deployEndTime: "2026-01-03T00:00:00Z", size: 10 },
    { name: "c", size: 9 },
  ];

  test.each([
    [undefined, "bac"],
    ["", "bac"],
    ["name", "abc"],
    ["name desc", "cba"],
    ["DeployEndTime desc", "abc"],
    ["deploy_end_time", "cba"],
    ["size, name desc", "cba"],
    ["size desc,name asc", "abc"],
  ])("%s sorts to %s", (text, expected) => {
    const sorted = orderBy(items, text);
    expect(sorted.map(({ name }) => name).join("")).toBe(expected);
  });

  test("puts times in order, whatever their decimals", () => {
    const times = ["10:00:01Z", "10:00:00.5Z", "10:00:00Z"].map((time) => ({
      time: `2026-01-02T${time}`,
    }));
    expect(orderBy(times, "time")).toEqual(times.toReversed());
    const sizes = [{ size: "10" }, { size: "9" }, {}];
    expect(orderBy(sizes, "size")).toEqual(sizes.toReversed());
  });

  test.each(["name up", "name,", "1x"])("%s is refused", (text) => {
    expect(() => orderBy(items, text)).toThrow("Invalid order_by");
  });
});

describe("pages", () => {
  const limits = { defaultSize: 2, maxSize: 3 };
  const items = [1, 2, 3, 4, 5];

  test("walk through every item once and end with an empty token", () => {
    const seen: number[] = [];
    let pageToken = "";
    do {
      const page = paginate(items, { pageToken }, limits);
      seen.push(...page.items);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).toEqual(items);
  });

  test("are as long as asked, but not longer than the limit", () => {
    expect(paginate(items, { pageSize: 1 }, limits).items).toEqual([1]);
    expect(paginate(items, { pageSize: 100 }, limits).items).toEqual([1, 2, 3]);
    expect(paginate(items, { pageSize: 0 }, limits).items).toEqual([1, 2]);
    expect(paginate([1, 2], {}, limits)).toEqual({ items: [1, 2], nextPageToken: "" });
  });

  test("are refused for a negative size and a token that was made up", () => {
    expect(() => paginate(items, { pageSize: -1 }, limits)).toThrow("page_size");
    expect(() => paginate(items, { pageToken: "2" }, limits)).toThrow("page_token");
    expect(() => paginate(items, { pageToken: "b2Zmc2V0Oi0x" }, limits)).toThrow("page_token");
  });
});

describe("a field mask", () => {
  const current = { displayName: "old", labels: { team: "web", tier: "1" }, count: 3 };

  test.each([
    ["display_name", { displayName: "new" }, { ...current, displayName: "new" }],
    ["displayName", { displayName: "new", count: 9 }, { ...current, displayName: "new" }],
    ["count", {}, { displayName: "old", labels: current.labels }],
    [
      "labels.team",
      { labels: { team: "api" } },
      { ...current, labels: { team: "api", tier: "1" } },
    ],
    ["labels.tier", {}, { ...current, labels: { team: "web" } }],
    ["labels", { labels: { only: "x" } }, { ...current, labels: { only: "x" } }],
    [
      "count,displayName",
      { count: 1, displayName: "n" },
      { ...current, count: 1, displayName: "n" },
    ],
    ["*", { count: 1 }, { ...current, count: 1 }],
    ["", { count: 1 }, { ...current, count: 1 }],
    [undefined, { count: 1 }, { ...current, count: 1 }],
  ])("%s takes over just that", (mask, patch, expected) => {
    expect(applyFieldMask<object>(current, patch, mask)).toEqual(expected);
  });

  test("keeps a map's key as it is written", () => {
    const stored = { labels: { my_key: "1" } };
    expect(applyFieldMask(stored, { labels: { my_key: "2" } }, "labels.my_key")).toEqual({
      labels: { my_key: "2" },
    });
  });

  test.each(["count.inner", "a..b ", "1x"])("%s is refused", (mask) => {
    expect(() => applyFieldMask<object>(current, {}, mask)).toThrow("update_mask");
  });
});
