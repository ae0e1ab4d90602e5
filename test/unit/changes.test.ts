import { describe, expect, test } from "vitest";
import { changesOf, releaseThere } from "../../shared/domain/changes/changes.ts";
import type { Changes } from "../../shared/domain/changes/changes.ts";
import { compareCommits } from "../../shared/domain/changes/comparison.ts";
import {
  keepSpec,
  SPEC_TEXT_LENGTH_MAX,
  SPECS_MAX,
  textToKeep,
} from "../../shared/domain/changes/kept-specs.ts";
import type { KeptSpec, SpecText } from "../../shared/domain/changes/kept-specs.ts";
import { lineDifference } from "../../shared/domain/changes/lines.ts";
import { specRevision } from "../../shared/domain/ids.ts";
import type { Policy } from "../../shared/domain/policy.ts";
import type { Candidate, Release } from "../../shared/domain/release.ts";
import { environmentState, newServiceState } from "../../shared/domain/state.ts";
import { aDeploymentOf } from "../support/gate-case.ts";
import {
  aCandidate,
  anEnvironment,
  aPolicy,
  aReleaseOf,
  aService,
  START,
} from "../support/builders.ts";

const A = "a".repeat(40);
const B = "b".repeat(40);
const SOURCE = { repo: "github.com/example/web", dir: "cmd/web" };

describe("the lines that differ", () => {
  test.each([
    ["nothing", "a\nb\n", "a\nb\n", []],
    ["nothing but the kind of line break", "a\r\nb\r\n", "a\nb", []],
    ["a line in the middle", "a\nb\nc", "a\nx\nc", [" a", "-b", "+x", " c"]],
    ["a line at the end", "a", "a\nb", [" a", "+b"]],
    ["everything", "", "a", ["+a"]],
    ["a line twice", "a\na", "a", [" a", "-a"]],
    ["two lines that changed places", "a\nb", "b\na", ["-a", " b", "+a"]],
  ])("%s", (_, before, after, lines) => {
    const told = lineDifference(before, after).lines.map((line) => line.sign + line.text);
    expect(told).toEqual(lines);
  });

  test("has two lines around, and no more", () => {
    const before = "1\n2\n3\n4\n5\n6\n7";
    const { lines } = lineDifference(before, before.replace("4", "x"));
    expect(lines.map((line) => line.text)).toEqual(["2", "3", "4", "x", "5", "6"]);
  });

  test.each([
    [200, 0],
    [201, 1],
  ])("shows 200 of %i lines", (count, leftOut) => {
    expect(lineDifference("", manyLines("line", count))).toMatchObject({ leftOut });
  });

  test("compares no more pairs than it may: two long texts with nothing in common", () => {
    const { lines, leftOut } = lineDifference(manyLines("a", 20_000), manyLines("b", 20_000));
    expect([lines.length, leftOut]).toEqual([200, 39_800]);
  });
});

describe("the page that compares", () => {
  test.each([
    ["github.com/example/web", `https://github.com/example/web/compare/${A}...${B}`],
    ["https://github.com/example/web.git", `https://github.com/example/web/compare/${A}...${B}`],
    ["git@github.com:example/web.git", `https://github.com/example/web/compare/${A}...${B}`],
    ["gitlab.com/a/b/web", `https://gitlab.com/a/b/web/-/compare/${A}...${B}`],
    ["bitbucket.org/example/web", `https://bitbucket.org/example/web/branches/compare/${B}..${A}`],
  ])("of %s", (repo, url) => {
    expect(compareCommits({ repo, dir: null }, A, B)).toEqual({ kind: "page", url });
  });

  test.each([
    ["another host", "git.example.com/a/web", A, B, "cannot link to a comparison"],
    ["a host that only ends so", "evilgithub.com/a/web", A, B, "cannot link to a comparison"],
    ["a script for a repository", "javascript:alert(1)//github.com/a/b", A, B, "cannot link"],
    ["a repository with markup", 'github.com/a/b"><script>', A, B, "cannot link"],
    ["a label that is no commit", "github.com/a/web", A, "main", "as its commit that is no commit"],
    [
      "a label with a path",
      "github.com/a/web",
      A,
      "../../../evil/0abcdef",
      "commit that is no commit",
    ],
    ["no label", "github.com/a/web", A, null, "the commit of an image is not known"],
    ["the same source built again", "github.com/a/web", A, A.toUpperCase(), "built again"],
  ])("is not offered for %s", (_, repo, from, to, reason) => {
    const comparison = compareCommits({ repo, dir: null }, from, to);
    expect(comparison.kind).toBe("none");
    expect(JSON.stringify(comparison)).toContain(reason);
  });
});

describe("the texts that are kept", () => {
  test("take places one after the other, and then the oldest one's", () => {
    let kept: readonly KeptSpec[] = [];
    for (let number = 0; number < SPECS_MAX; number += 1) {
      kept = keepSpec(kept, specRevision(`r${number}`)).kept;
    }
    expect(kept.map(({ place }) => place)).toEqual(kept.map((_, index) => index));
    const more = keepSpec(kept, specRevision("more"));
    expect([more.place, more.kept.length]).toEqual([0, SPECS_MAX]);
    expect(more.kept.some(({ revision }) => revision === "r0")).toBe(false);
  });

  test("stay in their place when a revision comes again, and are then the newest", () => {
    const one = keepSpec([], specRevision("one"));
    const two = keepSpec(one.kept, specRevision("two"));
    const again = keepSpec(two.kept, specRevision("one"));
    expect([again.place, again.kept.map(({ revision }) => revision)]).toEqual([0, ["two", "one"]]);
  });

  test("are kept whole or not at all", () => {
    expect(textToKeep("x".repeat(SPEC_TEXT_LENGTH_MAX))).toHaveLength(SPEC_TEXT_LENGTH_MAX);
    expect(textToKeep("x".repeat(SPEC_TEXT_LENGTH_MAX + 1))).toBeNull();
  });
});

describe("the changes", () => {
  test("of a first release say that it is the first", () => {
    const first = changes({ running: null, wanted: image(1) });
    expect(first).toMatchObject({ direction: "first", from: null, commits: [A] });
    expect(first.unknown).toEqual([]);
  });

  test("forward are what comes, newest first, each commit and author once", () => {
    const rebuilt = image(2, { authors: ["bob@example.com"] });
    const wanted = image(3, { commit: B, authors: ["eve@example.com", "bob@example.com"] });
    const told = changes({ running: image(1), wanted, between: [wanted, rebuilt] });
    expect(told).toMatchObject({ direction: "forward", commits: [B, A], isCut: false });
    expect(told.authors).toEqual(["eve@example.com", "bob@example.com"]);
    expect(told.releases.map(({ tag }) => tag)).toEqual(["v3", "v2"]);
    expect(told.unknown).toEqual([]);
  });

  test("backward are what would be taken away", () => {
    const [old, running] = [image(1, { commit: B }), image(2)];
    const told = changes({ running, wanted: old, between: [running] });
    expect(told).toMatchObject({ direction: "backward", commits: [A] });
    expect(JSON.stringify(told.comparison)).toContain(`${A}...${B}`);
  });

  test("say which images name no commit and no author, instead of leaving them out", () => {
    const bare = image(2, { commit: null, authors: [] });
    const told = changes({ running: image(1), wanted: bare, between: [bare] });
    expect(told.releases.map(({ tag }) => tag)).toEqual(["v2"]);
    expect(told.unknown.join("\n")).toMatch(
      /the commit of v2 is not known[^]*the author of v2 is not known/,
    );
  });

  test.each([
    [50, false],
    [51, true],
  ])("tell of 50 releases of %i", (count, isCut) => {
    const between = Array.from({ length: count }, (_, index) => image(count + 1 - index));
    const told = changes({ running: image(1), wanted: image(count + 1), between });
    expect([told.releases.length, told.isCut]).toEqual([50, isCut]);
    expect(told.unknown.length).toBe(isCut ? 2 : 1);
  });

  test("of the same image under another revision are the lines alone", () => {
    const wanted = image(1, {}, "222222");
    const specs = [text("0a1b2c", "memory: 1Gi"), text("222222", "memory: 2Gi")];
    const told = changes({ running: image(1), wanted, between: [wanted], specs });
    expect(told.specification).toMatchObject({
      difference: { lines: [{ sign: "-" }, { sign: "+", text: "memory: 2Gi" }] },
    });
    expect(told.unknown).toEqual([expect.stringContaining("the same source was built again")]);
  });

  test.each([
    ["is not kept any more", []],
    ["whose place holds a later one by now", [text("0a1b2c", "a"), text("333333", "b")]],
    ["that was too long", [text("0a1b2c", "a"), text("222222", null)]],
  ])("say of a revision that it %s", (_, specs) => {
    const wanted = image(2, { commit: B }, "222222");
    const told = changes({ running: image(1), wanted, between: [wanted], specs });
    expect(told.unknown.join()).toMatch(/the text of revision .*222222 is not kept/);
  });

  test("name the migrations that would run, and what cannot be undone", () => {
    const after = { job: "contract", start: "manual" as const, reversible: false };
    const policy = { migrations: { before: { job: "migrate" }, after } };
    const wish = { running: image(1), wanted: image(2), between: [image(2)], policy };
    expect(changes(wish).migrations).toMatchObject([
      { job: "migrate", when: "before", canBeUndone: null },
      { job: "contract", when: "after", canBeUndone: false },
    ]);
    expect(changes({ ...wish, isRollback: true }).migrations).toEqual([]);
  });
});

function manyLines(word: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${word} ${index}`).join("\n");
}

function image(number: number, parts: Partial<Candidate> = {}, revision = "0a1b2c"): Release {
  const service = aService({ revision: specRevision(revision) });
  const candidate = aCandidate(number, { commit: A, authors: ["ann@example.com"], ...parts });
  return aReleaseOf(service, candidate);
}

function text(revision: string, kept: string | null): SpecText {
  return { place: 0, revision: specRevision(revision), text: kept, at: START, by: "user:ann" };
}

function changes(wish: {
  readonly running: Release | null;
  readonly wanted: Release;
  readonly between?: readonly Release[];
  readonly specs?: readonly SpecText[];
  readonly policy?: Partial<Policy>;
  readonly isRollback?: boolean;
}): Changes {
  const { running, wanted, between = [], specs = [], isRollback = false } = wish;
  const prod = anEnvironment("prod", { stage: 1, policy: aPolicy(wish.policy) });
  const bare = newServiceState(aService({ source: SOURCE, environments: [prod] }));
  const current = running === null ? null : aDeploymentOf(running);
  const state = {
    ...bare,
    releases: running === null ? {} : { [running.id]: running },
    environments: { prod: { ...environmentState(bare, prod.id), current } },
  };
  expect(releaseThere(state, prod)).toBe(running);
  return changesOf({ state, environment: prod, release: wanted, isRollback, between, specs });
}
