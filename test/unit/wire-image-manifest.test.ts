import { describe, expect, test } from "vitest";

import { describeImage, parseAuthors, parseCommit } from "../../shared/wire/image-manifest.ts";

const ADDRESSES = 20;

function addresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `person-${index}@example.com`);
}

describe("the authors in an image's label", () => {
  test.for<readonly [unknown, readonly string[]]>([
    ["ann@example.com", ["ann@example.com"]],
    [
      "Ann Other <Ann.Other+ci@Example.com>, Bob <bob@example.com>",
      ["ann.other+ci@example.com", "bob@example.com"],
    ],
    ["bob@example.com;ann@example.com", ["bob@example.com", "ann@example.com"]],
    ["ann@example.com ANN@example.com", ["ann@example.com"]],
    ["mailto:ann@example.com/bob@example.com.", ["ann@example.com", "bob@example.com"]],
    ["'ann@example.com'", ["ann@example.com"]],
    ["a@b@c", ["a@b", "b@c"]],
    ["ann\ud800@example.com", []],
    ["o'neil_x@example.com", ["o'neil_x@example.com"]],
    ["Ann Other", []],
    ["@example.com ann@", []],
    [`${"a".repeat(254 - 4)}@b.c`, [`${"a".repeat(254 - 4)}@b.c`]],
    [`${"a".repeat(255 - 4)}@b.c`, []],
    ["", []],
    [undefined, []],
    [7, []],
  ])("of %o are %o", ([label, authors]) => {
    expect(parseAuthors(label)).toEqual(authors);
  });

  test("are all of them or none, so that nobody hides behind many or behind a long text", () => {
    expect(parseAuthors(addresses(ADDRESSES).join(" "))).toHaveLength(ADDRESSES);
    expect(parseAuthors(addresses(ADDRESSES + 1).join(" "))).toEqual([]);
    const longest = 2048;
    expect(parseAuthors("ann@example.com".padEnd(longest, " "))).toEqual(["ann@example.com"]);
    expect(parseAuthors("ann@example.com".padEnd(longest + 1, " "))).toEqual([]);
  });
});

describe("the commit in an image's label", () => {
  test.for<readonly [unknown, string | null]>([
    ["0123456789abcdef", "0123456789abcdef"],
    ["v1.2-3-gabc", "v1.2-3-gabc"],
    ["a".repeat(128), "a".repeat(128)],
    ["a".repeat(129), null],
    ["a b", null],
    ["a\nb", null],
    ["\ud800", null],
    ["é", null],
    ["", null],
    [undefined, null],
    [{}, null],
  ])("of %o is %o", ([label, commit]) => {
    expect(parseCommit(label)).toBe(commit);
  });
});

test("labels that are no texts say nothing, and do not keep the image from running", () => {
  const Labels = { "org.opencontainers.image.revision": 7, other: null };
  const image = { os: "linux", architecture: "amd64", config: { Labels } };
  expect(describeImage(image)).toEqual({ kind: "runnable", authors: [], commit: null });
  expect(describeImage({ ...image, config: { Labels: "none" } })).toMatchObject({
    kind: "runnable",
  });
});
