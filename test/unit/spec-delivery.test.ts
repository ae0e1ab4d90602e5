import { describe, expect, test } from "vitest";
import { problemsOf, readSpec, told, usable } from "./spec-support.ts";

const base = readSpec("base");
const job = readSpec("job");
const PROD = "delivery.environments.prod";

function delivery(fields: string): string {
  return `${base}delivery: {${fields}}\n`;
}

function dev(fields: string): string {
  return delivery(`environments: {dev: {${fields}}}`);
}

function prod(fields: string): string {
  return delivery(`environments: {prod: {${fields}}}`);
}

describe("tags and queue", () => {
  test.each([
    String.raw`'^(?<commit>[0-9a-f]{12})_(?<build>\d+)$'`,
    String.raw`'^v\d+(\.\d+)*$'`,
    "'^(?:main|release)$'",
    "'^(?:-[a-z]+)*$'",
    "'^(?P<commit>a)$'",
    String.raw`'^\-$'`,
    String.raw`'(?i)\A[]|)]\z'`,
    "'^a$|^(b|c)$'",
    "{semver: '>=1.2'}",
    "{semver: '^1.4 || 2.x'}",
    "{semver: 1.2 - 1.4}",
  ])("the tags %s are fine", (tags) => {
    expect(problemsOf(delivery(`tags: ${tags}`))).toEqual(told([]));
  });

  test.each([
    ["'(unclosed'", "is not a regular expression"],
    ["''", "1 to 256 characters"],
    [`'${"a".repeat(257)}'`, "1 to 256 characters"],
    ["'^(?=a)a$'", "RE2 does not look ahead or behind"],
    ["'^(?!a)b$'", "RE2 does not look ahead or behind"],
    ["'^(?<!a)b$'", "RE2 does not look ahead or behind"],
    [String.raw`'^(a)\1$'`, "RE2 does not refer back"],
    [String.raw`'^(?<x>a)\k<x>$'`, "RE2 does not refer back"],
    ["'^a++$'", "RE2 has no atomic groups or possessive repetitions"],
    [String.raw`'^\u0041$'`, String.raw`as \x{41}`],
    ["'^(?<build>1)(?<build>2)$'", "duplicate"],
    ["'^a{1001}$'", "invalid repeat count"],
    ["'^(?:a{100}){100}$'", "invalid repeat count"],
    ["'^.{1000}.{997}$'", "make 2001 steps, and may make 2000"],
  ])("the pattern %s is refused", (tags, message) => {
    expect(problemsOf(delivery(`tags: ${tags}`))).toEqual(
      told([`error delivery.tags | ' | ${message}`]),
    );
  });

  test.each([
    String.raw`'^\w*\w*\w*\w*\w*\w*!$'`,
    `'^${"a?".repeat(30)}${"a".repeat(30)}$'`,
    `'^${"(?:a|a)".repeat(30)}$'`,
    "'^(a+)+$'",
    "'^.{1000}.{996}$'",
  ])("the pattern %s, on which backtracking would take for ever, is fine", (tags) => {
    expect(problemsOf(delivery(`tags: ${tags}`))).toEqual(told([]));
  });

  test.each(["'[0-9a-f]{12}'", "'^[0-9a-f]{12}'", "'^a|b$'", "'^(a|b$)'"])(
    "the pattern %s, which matches a part, is a warning",
    (tags) => {
      expect(problemsOf(delivery(`tags: ${tags}`))).toEqual(
        told(["warning delivery.tags | ' | matches a part of a tag"]),
      );
    },
  );

  test.each(["{semver: '>>1'}", "{semver: ''}", "{semver: latest}"])(
    "the range %s is refused",
    (tags) => {
      expect(problemsOf(delivery(`tags: ${tags}`))).toEqual(
        told(["error delivery.tags.semver |  | must be a range of versions"]),
      );
    },
  );

  test("tags of another form are refused", () => {
    expect(problemsOf(delivery("tags: [a]"))).toEqual(
      told(["error delivery.tags | [a] | must be a pattern, or a mapping with semver"]),
    );
    expect(problemsOf(delivery("tags: {}"))).toEqual(
      told(["error delivery.tags.semver | {} | is required"]),
    );
    expect(problemsOf(delivery("tags: {semver: '1', regex: a}"))).toEqual(
      told(['error delivery.tags.regex | regex | there is no key "regex"']),
    );
  });

  test("the queue is latest unless it is all", () => {
    expect(usable(base).delivery.queue).toBe("latest");
    expect(usable(delivery("queue: all")).delivery.queue).toBe("all");
    expect(problemsOf(delivery("queue: newest"))).toEqual(
      told(["error delivery.queue | newest | must be one of latest, all"]),
    );
  });
});

describe("keys of delivery that do not exist", () => {
  test("a misspelled key is an error, because a gate would be missing", () => {
    expect(problemsOf(prod("aprovals: {required: 2}"))).toEqual(
      told([`error ${PROD}.aprovals | aprovals | did you mean "approvals"?`]),
    );
    expect(problemsOf(prod("windows: {zone: UTC}"))).toEqual(
      told([`error ${PROD}.windows.zone | zone | there is no key`]),
    );
  });

  test("an environment that does not exist is an error with the near one", () => {
    expect(problemsOf(delivery("environments: {pord: {soak: 1h}}"))).toEqual(
      told(['error delivery.environments.pord | pord | did you mean "prod"?']),
    );
  });

  test("delivery itself misspelled is a warning, because upstream ignores the key", () => {
    expect(problemsOf(`${base}delivry: {}\n`)).toEqual(
      told(['warning delivry | delivry | did you mean "delivery"?']),
    );
  });
});

describe("lengths of time", () => {
  test.each([
    ["0m", 0],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["30d", 2_592_000_000],
    ["1d2h3m4s", 93_784_000],
  ])("%s is %s milliseconds", (written, expected) => {
    expect(usable(prod(`soak: ${written}`)).delivery.environments["prod"]?.soak).toBe(expected);
  });

  test.each([
    ["soak: 31d", "error soak |  | must be from 0m to 30d, not 31d"],
    ["soak: 30", "error soak |  | must be a length of time such as 30m"],
    ["soak: 1m1h", "error soak |  | must be a length of time"],
    ["soak: ''", "error soak |  | must be a length of time"],
    ["soak: -5m", "error soak |  | must be a length of time"],
    ["backup: {retain: 23h}", "error backup.retain |  | must be from 1d to 365d"],
    ["backup: {retain: 366d}", "error backup.retain |  | must be from 1d to 365d"],
    ["backup: {maxAge: 8d}", "error backup.maxAge |  | must be from 0m to 7d"],
    ["verify: {bake: 25h}", "error verify.bake |  | must be from 0m to 1d"],
    [
      "provenance: {required: true, grace: 25h, keys: ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1']}",
      "error provenance.grace |  | must be from 0m to 1d",
    ],
  ] as const)("%s is refused", (fields, problem) => {
    const problems = problemsOf(prod(fields));
    expect(problems).toEqual(told([problem], PROD));
    expect(`${fields}}}}`).toContain(problems[0]?.at);
  });
});

describe("promotion and soak", () => {
  test.each([
    "promotion: automatic, soak: 1m",
    "promotion: automatic",
    "promotion: manual",
    "soak: 30d",
  ])("%s is fine in external production", (fields) => {
    expect(problemsOf(prod(fields))).toEqual(told([]));
  });

  test.each([
    ["promotion: automatic, soak: 0m", "warning promotion |  | is automatic without a soak"],
    ["promotion: sometimes", "error promotion |  | must be one of automatic, manual"],
  ] as const)("%s is told", (fields, problem) => {
    const problems = problemsOf(prod(fields));
    expect(problems).toEqual(told([problem], PROD));
    expect(`${fields}}}}`).toContain(problems[0]?.at);
  });

  test("a soak has no effect in the first stage", () => {
    expect(problemsOf(dev("soak: 5m"))).toEqual(
      told(["warning delivery.environments.dev.soak | 5m | there is no stage before"]),
    );
  });

  test("an automatic promotion contradicts deploy type manual", () => {
    const text = `${job.replace("{type: subscription, subscription: {tag: insiders}}", "{type: manual}")}delivery: {environments: {prod: {promotion: automatic}}}\n`;
    expect(problemsOf(text)).toEqual(
      told([`error ${PROD}.promotion | automatic | where deploy.type is manual`]),
    );
  });

  test("a manual promotion keeps a subscription from following its tag", () => {
    expect(problemsOf(`${job}delivery: {environments: {prod: {promotion: manual}}}\n`)).toEqual(
      told([`warning ${PROD}.promotion | manual | deploys nothing`]),
    );
  });
});
