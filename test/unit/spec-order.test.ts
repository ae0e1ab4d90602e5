import { describe, expect, test } from "vitest";
import { place } from "./render-support.ts";
import { problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const BUILDS = String.raw`tags: '^(?<commit>[0-9a-f]{12})_(?<build>\d+)$'`;

function delivery(fields: string): string {
  return `${base}delivery: {${fields}}\n`;
}

describe("the order of releases", () => {
  test.each([
    ["of every tag", "queue: latest", "pushed"],
    ["of a pattern without builds", "tags: '^v[0-9]+$'", "pushed"],
    ["of versions", "tags: {semver: '>=1.2'}", "semver"],
    ["of a pattern with builds", BUILDS, "build"],
    ["of a pattern with builds in RE2's own form", "tags: '^b(?P<build>[0-9]+)$'", "build"],
  ])("%s that says no more is %s", (_name, fields, order) => {
    expect(place(usable(delivery(fields))).order).toBe(order);
  });

  test.each([
    ["tags: {semver: '>=1.2'}, order: pushed", "pushed"],
    [`${BUILDS}, order: pushed`, "pushed"],
    [`${BUILDS}, order: build`, "build"],
    ["tags: '^v[0-9]+[.][0-9]+[.][0-9]+$', order: semver", "semver"],
  ])("is the one that %s says", (fields, order) => {
    expect(problemsOf(delivery(fields))).toEqual(told([]));
    expect(place(usable(delivery(fields))).order).toBe(order);
  });

  test.each([
    "order: build",
    "tags: '^v[0-9]+$', order: build",
    "tags: {semver: '1'}, order: build",
  ])("is refused by builds where no group names them: %s", (fields) => {
    expect(problemsOf(delivery(fields))).toEqual(
      told(["error delivery.order | build | must be a pattern with the group build"]),
    );
  });

  test("by versions of every tag is warned of, and of another kind is refused", () => {
    expect(problemsOf(delivery("order: semver"))).toEqual(
      told(["warning delivery.order | semver | set delivery.tags to {semver: range}"]),
    );
    expect(problemsOf(delivery("order: newest"))).toEqual(
      told(["error delivery.order | newest | must be one of pushed, semver, build"]),
    );
  });
});
