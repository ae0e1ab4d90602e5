import { describe, expect, test } from "vitest";
import { namesRelease } from "../../shared/domain/reported-version.ts";
import type { Release } from "../../shared/domain/release.ts";
import { aCandidate, aDigest, aPut, aReleaseOf, aService } from "../support/builders.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

function tagged(...tags: readonly string[]): Release {
  const release = aReleaseOf(aService(), aCandidate(1, { commit: COMMIT }));
  const puts = tags.map((tag, index) => aPut(tag, index));
  return { ...release, image: { ...release.image, tags: puts } };
}

describe("what a service reports of its version names the release", () => {
  const release = tagged("latest", "1.4.0", "V2");
  test.each([
    "1.4.0",
    "v1.4.0",
    "V1.4.0",
    "2",
    "latest",
    "LATEST",
    "version 1.4.0",
    '{"version":"1.4.0","go":"1.22"}',
    "web:1.4.0",
    "1.4.0 (0000000)",
    COMMIT,
    COMMIT.toUpperCase(),
    COMMIT.slice(0, 7),
    `commit=${COMMIT.slice(0, 12)}`,
    aDigest(1),
    aDigest(1).slice("sha256:".length),
    release.id,
  ])("by %s", (version) => {
    expect(namesRelease(version, release)).toBe(true);
  });

  test.each([
    ["a version of which a tag is a part", "2.1.0"],
    ["a part of a tag", "1.4"],
    ["a tag with something before it", "dev-1.4.0"],
    ["a tag with something after it", "1.4.0-rc.1"],
    ["a commit shortened too much", COMMIT.slice(0, 6)],
    ["a commit that begins alike and goes on otherwise", `${COMMIT.slice(0, 12)}fff`],
    ["nothing", ""],
    ["the word in another word", "greatest"],
    ["a digest of another image", aDigest(2)],
  ])("but not by %s", (_, version) => {
    expect(namesRelease(version, release)).toBe(false);
  });

  test("with tag 1, by 1 and v1, and not by 2.1.0 or 11", () => {
    const one = tagged("1");
    const named = ["1", "v1", "2.1.0", "11", "1.0"].map((version) => namesRelease(version, one));
    expect(named).toEqual([true, true, false, false, false]);
  });

  test.each([[["latest", "1.4.0"]], [["1.4.0", "latest"]]])(
    "in whatever order it got its tags: %s",
    (tags) => {
      expect(namesRelease("1.4.0", tagged(...tags))).toBe(true);
    },
  );

  test("by the commit of a tag, which may be the shortened one", () => {
    const plain = tagged();
    const put = { ...aPut("0123456_1", 1), commit: "abcdef012345" };
    const byTag = { ...plain, image: { ...plain.image, commit: null, tags: [put] } };
    expect(namesRelease("abcdef0123456789abcdef0123456789abcdef01", byTag)).toBe(true);
    expect(namesRelease("abcdef0", byTag)).toBe(true);
    expect(namesRelease("abcdef1", byTag)).toBe(false);
  });
});
