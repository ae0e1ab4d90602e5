import { RE2JS } from "re2js";
import semver from "semver";

import { accepted, refused } from "../../domain/result.ts";
import type { Result } from "../../domain/result.ts";
import { show } from "./explain-issue.ts";

/** How long a pattern, or a range of versions, may be. */
const LENGTH_MAX = 256;

/**
 * How many instructions a pattern may compile to. A match costs at most that many steps for each character of a
 * tag; `.{1000}.{1000}` is 256 characters of pattern and 36,000 instructions when it goes on like that.
 */
const INSTRUCTIONS_MAX = 2_000;

/** What people bring along from other engines, and what to tell them. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, "RE2 does not look ahead or behind: leave out (?= (?! (?<= and (?<!"],
  [/\\(?:[1-9]|k)/, "RE2 does not refer back to a group: leave out \\1 and \\k<name>"],
  [
    /\(\?>|[*+?}]\+/,
    "RE2 has no atomic groups or possessive repetitions: leave out (?> and a second +",
  ],
  [/\\u/, "RE2 writes a character by its number as \\x{41}, not \\u0041"],
];

/** A pattern of tags that was compiled: it is matched in time linear in the length of the tag. */
export type TagPattern = {
  /** The named groups of the first match anywhere in the tag (null: did not take part); null without a match. */
  readonly match: (tag: string) => Readonly<Record<string, string | null>> | null;
};

/**
 * Compiles the pattern of `delivery.tags` in the syntax of RE2, which is matched without backtracking; a refusal
 * says what is wrong.
 * Source: https://github.com/google/re2/wiki/Syntax
 */
export function compileTagPattern(pattern: string): Result<TagPattern, string> {
  if (pattern === "" || pattern.length > LENGTH_MAX) {
    return refused(`must be a regular expression of 1 to ${LENGTH_MAX} characters`);
  }
  const compiled = compile(pattern);
  if (!compiled.ok) {
    const hint = FOREIGN.find(([foreign]) => foreign.test(pattern))?.[1] ?? compiled.refusal;
    return refused(`is not a regular expression of RE2's syntax (${hint})`);
  }
  const size = compiled.value.programSize();
  return size > INSTRUCTIONS_MAX
    ? refused(`is too big: its repetitions make ${size} steps, and may make ${INSTRUCTIONS_MAX}`)
    : accepted({ match: (tag) => groupsOf(compiled.value, tag) });
}

/** What is wrong with the pattern of `delivery.tags`, or null. */
export function complainAboutTagPattern(pattern: string): string | null {
  const compiled = compileTagPattern(pattern);
  return compiled.ok ? null : compiled.refusal;
}

/**
 * What is wrong with a range of semantic versions, or null.
 * Source: https://github.com/npm/node-semver#ranges
 */
export function complainAboutRange(range: string): string | null {
  return range.trim() !== "" && range.length <= LENGTH_MAX && semver.validRange(range) !== null
    ? null
    : `must be a range of versions such as ">=1.2", "^1.4" or "1.2 - 1.4 || 2.x", not ${show(range)}`;
}

/** Whether a pattern has the group `build`, which finds a build's number. */
export function namesBuild(pattern: string): boolean {
  const compiled = compile(pattern);
  return compiled.ok && Object.hasOwn(compiled.value.namedGroups(), "build");
}

/** Whether each alternative of a pattern begins with `^` and ends with `$`, so that it takes whole tags only. */
export function isAnchored(pattern: string): boolean {
  return outermostOf(pattern)
    .split("|")
    .every((alternative) => alternative.startsWith("^") && alternative.endsWith("$"));
}

/** How deep groups may be nested in a pattern of the greatest length. */
const DEPTH_MAX = LENGTH_MAX / 2;

/** The pattern with every group, class and escape replaced by one letter, and its flags left out. */
function outermostOf(pattern: string): string {
  let rest = pattern
    .replaceAll(/\\[^]/g, (escape) => ({ "\\A": "^", "\\z": "$" })[escape] ?? "x")
    .replaceAll(/\[\^?\]?[^\]]*\]/g, "x")
    .replaceAll(/\(\?[imsU-]+\)/g, "");
  for (let depth = 0; depth < DEPTH_MAX && rest.includes("("); depth += 1) {
    rest = rest.replaceAll(/\([^()]*\)/g, "x");
  }
  return rest;
}

function compile(pattern: string): Result<RE2JS, string> {
  try {
    return accepted(RE2JS.compile(pattern));
  } catch (error) {
    // The compiler is the only judge of a pattern; it answers by throwing.
    return refused(error instanceof Error ? error.message : String(error));
  }
}

function groupsOf(compiled: RE2JS, tag: string): Readonly<Record<string, string | null>> | null {
  const matcher = compiled.matcher(tag);
  if (!matcher.find()) {
    return null;
  }
  const names = Object.keys(compiled.namedGroups());
  return Object.fromEntries(names.map((name) => [name, matcher.group(name)]));
}
