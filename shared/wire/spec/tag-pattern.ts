import semver from "semver";
import { show } from "./explain-issue.ts";
import { atomsOf, parseRegex } from "./regex-tree.ts";
import type { Atom } from "./regex-tree.ts";

const LENGTH_MAX = 256;
/** With tags of at most 128 characters this bounds the work of a match that fails late. */
const UNBOUNDED_MAX = 6;

/**
 * What is wrong with the pattern of `delivery.tags`, or null. Refused are patterns that do not compile, those that
 * RE2 refuses as well because they need backtracking, and those on which backtracking could take forever.
 * Source: https://github.com/google/re2/wiki/Syntax
 */
export function complainAboutTagPattern(pattern: string): string | null {
  if (pattern === "" || pattern.length > LENGTH_MAX) {
    return `must be a regular expression of 1 to ${LENGTH_MAX} characters`;
  }
  if (pattern.includes("(?P<")) {
    return "must name groups as (?<name>…), not (?P<name>…)";
  }
  const reason = reasonNotToCompile(pattern);
  return reason === null ? complainAboutTime(pattern) : `is no regular expression: ${reason}`;
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

/** Whether the pattern must match the whole tag. */
export function isAnchored(pattern: string): boolean {
  const tree = parseRegex(pattern);
  return tree.every((sequence) => sequence[0]?.source === "^" && sequence.at(-1)?.source === "$");
}

function reasonNotToCompile(pattern: string): string | null {
  try {
    return new RegExp(pattern, "u").source === "" ? "it is empty" : null;
  } catch (error) {
    // The constructor is the only judge of a pattern; it answers by throwing.
    return error instanceof Error ? error.message : String(error);
  }
}

function complainAboutTime(pattern: string): string | null {
  const atoms = atomsOf(parseRegex(pattern));
  if (atoms.some(({ source }) => /^\(\?<?[=!]/.test(source))) {
    return "must not look ahead or behind: (?= (?! (?<= and (?<! cannot be matched in linear time";
  }
  if (atoms.some(({ source }) => /^\\(?:[1-9]|k<)/.test(source))) {
    return "must not refer back to a group: it cannot be matched in linear time";
  }
  if (atoms.filter((atom) => maxOf(atom) === Number.POSITIVE_INFINITY).length > UNBOUNDED_MAX) {
    return `may have at most ${UNBOUNDED_MAX} of *, + and {n,}`;
  }
  return atoms.some(isAmbiguous)
    ? "must not repeat a group that itself repeats or chooses, as (a+)+ does, unless each of its alternatives starts with a character that cannot follow inside it, as (\\.\\d+)* does"
    : null;
}

/** Whether a repeated group may be divided among its repetitions in more than one way. */
function isAmbiguous(atom: Atom): boolean {
  if (atom.group === null || maxOf(atom) <= 1 || !varies(atom.group)) {
    return false;
  }
  const starts = atom.group.map((sequence) => startOf(sequence));
  if (new Set(starts).size < starts.length) {
    return true;
  }
  const rest = atomsOf(atom.group.map((sequence) => sequence.slice(1)));
  return starts.some((start) => start === null || rest.some((inner) => matches(inner, start)));
}

/** Whether a group has alternatives, or anything that repeats a varying number of times. */
function varies(group: readonly (readonly Atom[])[]): boolean {
  return (
    group.length > 1 ||
    atomsOf(group).some(
      ({ group: inner, quantifier }) =>
        (inner?.length ?? 0) > 1 || (quantifier !== null && quantifier.min !== quantifier.max),
    )
  );
}

/** The one character that a sequence starts with, or null when it may start in several ways. */
function startOf(sequence: readonly Atom[]): string | null {
  const first = sequence[0];
  if (first === undefined || first.group !== null || first.quantifier !== null) {
    return null;
  }
  if (/^[^\\[.^$]$/.test(first.source)) {
    return first.source;
  }
  return /^\\[^\w]$/.test(first.source) ? first.source.slice(1) : null;
}

function matches(atom: Atom, character: string): boolean {
  return atom.group === null && new RegExp(`^(?:${atom.source})$`, "u").test(character);
}

function maxOf(atom: Atom): number {
  return atom.quantifier?.max ?? 1;
}
