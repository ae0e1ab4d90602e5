import { describe, expect, test } from "vitest";

import { tagPolicy } from "../../shared/adapters/tag-policy.ts";
import type { TagPolicy } from "../../shared/domain/service.ts";

const HEX = "0123456789abcdef".repeat(4);
const ANY: TagPolicy = { kind: "any" };
const MSP: TagPolicy = { kind: "pattern", pattern: "^(?<commit>[0-9a-f]{12})_(?<build>\\d+)$" };
const SEMVER: TagPolicy = { kind: "semver", range: ">=1.2" };

const tags = tagPolicy();

describe("a tag policy", () => {
  test.for([
    [ANY, "latest", null, null],
    [ANY, "sha256-1", null, null],
    [ANY, "v".repeat(128), null, null],
    [MSP, "0123456789ab_42", "0123456789ab", "42"],
    [{ kind: "pattern", pattern: "^main$" }, "main", null, null],
    [{ kind: "pattern", pattern: "^main-(?P<build>[0-9]+)$" }, "main-007", null, "007"],
    [{ kind: "pattern", pattern: "^(?:(?<commit>[a-f]+)|x)$" }, "x", null, null],
    [SEMVER, "1.2.0", null, null],
    [SEMVER, "v2.0.1", null, null],
  ] as const)(
    "%j accepts %s with the commit %s and the build %s",
    ([policy, tag, commit, build]) => {
      expect(tags.read(policy, tag)).toEqual({ kind: "accepted", commit, build });
    },
  );

  test.for([
    [ANY, `sha256-${HEX}`, "belongs to another image"],
    [ANY, `sha256-${HEX}.sig`, "belongs to another image"],
    [ANY, "v1.att", "belongs to another image"],
    [ANY, "v1.sbom", "belongs to another image"],
    [MSP, `sha256-${HEX}`, "belongs to another image"],
    [ANY, "v".repeat(129), "at most 128 characters"],
    [MSP, "0123456789ab", "does not match"],
    [MSP, "x0123456789ab_42", "does not match"],
    [{ kind: "pattern", pattern: "(" }, "main", "is not a regular expression"],
    [SEMVER, "1.1.9", "not a version in >=1.2"],
    [SEMVER, "main", "not a version in >=1.2"],
    [SEMVER, "2.0.0-rc.1", "not a version in >=1.2"],
  ] as const)("%j refuses %s: %s", ([policy, tag, reason]) => {
    const reading = tags.read(policy, tag);
    expect(reading.kind === "refused" ? reading.reason : "accepted").toContain(reason);
  });

  test.for([
    String.raw`^\w*\w*\w*\w*\w*\w*!$`,
    `^${"a?".repeat(30)}${"a".repeat(30)}!$`,
    `^${"(?:a|a)".repeat(30)}!$`,
    "^(a+)+!$",
  ])("the longest tag is read by %s, on which backtracking would not end", (pattern) => {
    const policy: TagPolicy = { kind: "pattern", pattern };
    expect(tags.read(policy, "a".repeat(128)).kind).toBe("refused");
    expect(tags.read({ ...policy, pattern: pattern.replace("!", "") }, "a".repeat(30))).toEqual({
      kind: "accepted",
      commit: null,
      build: null,
    });
  });
});
