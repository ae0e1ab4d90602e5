import { describe, expect, test } from "vitest";
import { PARSERS } from "../support/outside-parsers.ts";
import { SPECIFICATION_PARSERS } from "../support/specification-parsers.ts";

const FULL = 64 * 1024;

/** Texts on which a parser that looks again and again at what it has seen takes long: by their length. */
const WORST: readonly (readonly [string, (length: number) => string])[] = [
  ["one letter", (length) => "a".repeat(length)],
  ["spaces", (length) => " ".repeat(length)],
  ["dots", (length) => ".".repeat(length)],
  ["hyphens", (length) => "-".repeat(length)],
  ["at signs", (length) => "a@".repeat(length / 2)],
  ["nearly addresses", (length) => `${"a.b-c@".repeat(length / 6)}!`],
  ["digits", (length) => "1".repeat(length)],
  ["nearly durations", (length) => `${"1h".repeat(length / 2)}x`],
  ["nearly versions", (length) => `${"1.2.3-".repeat(length / 6)}!`],
  ["ranges", (length) => ">=1 || ".repeat(length / 7)],
  ["brackets", (length) => "[".repeat(length)],
  ["braces", (length) => "{".repeat(length)],
  ["brackets in pairs", (length) => `${"[".repeat(length / 2)}${"]".repeat(length / 2)}`],
  ["braces of JSON", (length) => `${'{"a":'.repeat(length / 6)}1${"}".repeat(length / 6)}`],
  ["lists in YAML", (length) => "- ".repeat(length / 2)],
  ["keys in YAML", (length) => "a: {".repeat(length / 4)],
  ["lines", (length) => "a: 1\n".repeat(length / 5)],
  ["aliases", (length) => `a: &a [1]\nb: [${"*a,".repeat(length / 3)}1]\n`],
  ["quotes", (length) => '"'.repeat(length)],
  ["backslashes", (length) => "\\".repeat(length)],
  ["parentheses", (length) => "(".repeat(length)],
  ["paths", (length) => "a/".repeat(length / 2)],
  ["templates", (length) => "{{ ".repeat(length / 3)],
  ["halves of characters", (length) => "\ud800".repeat(length)],
];

/** What one run takes of the processor, in milliseconds. Time in which others ran does not count. */
function costMs(act: () => unknown): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const ATTEMPTS = 12;
const COST_MAX_MS = 10;
/** Four times the text may take four times as long, and some more; what looks back at everything takes sixteen times. */
const GROWTH_MAX = 8;

/** Whether a parser takes under 10 ms, or else time that grows as the text does. The best of some attempts counts. */
function isLinear(parse: (text: string) => unknown, worst: (length: number) => string): boolean {
  const [full, part] = [worst(FULL), worst(FULL / 4)];
  let [fullMs, partMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const oneMs = costMs(() => parse(full));
    fullMs = Math.min(fullMs, oneMs);
    if (fullMs < COST_MAX_MS) {
      return true;
    }
    const otherMs = costMs(() => parse(part));
    partMs = Math.min(partMs, otherMs);
    if (fullMs < partMs * GROWTH_MAX) {
      return true;
    }
  }
  return false;
}

const lookingBack = (text: string): boolean => /a+!/.test(text.slice(0, text.length / 8));

/** Some of these take a second on a busy machine. */
const TIMEOUT_MS = 60_000;

describe("64 KB of the worst", () => {
  test.each([...PARSERS, ...SPECIFICATION_PARSERS])(
    "are read in linear time, and never throw: %s",
    (_name, parse) => {
      const slow = WORST.filter(([, worst]) => !isLinear(parse, worst)).map(([name]) => name);
      expect(slow).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "a parser that looks back at all it has seen is noticed",
    () => {
      expect(isLinear(lookingBack, (length) => "a".repeat(length))).toBe(false);
    },
    TIMEOUT_MS,
  );
});
