import { duration } from "../../domain/time.ts";
import type { Duration } from "../../domain/time.ts";

const LENGTH = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;
const UNIT_LENGTHS_MS = [86_400_000, 3_600_000, 60_000, 1000];

/**
 * Reads a length of time such as `90d`, `1h30m` or `45s`: days, hours, minutes, seconds in that order, each at
 * most once. Null when it is none.
 */
export function parseDuration(text: string): Duration | null {
  const parts = LENGTH.exec(text);
  if (parts === null || text === "") {
    return null;
  }
  return duration(
    UNIT_LENGTHS_MS.reduce((sum, unit, index) => sum + Number(parts[index + 1] ?? 0) * unit, 0),
  );
}

const GO_PART = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/;
const GO_UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["ns", 1e-6],
  ["us", 1e-3],
  ["µs", 1e-3],
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/**
 * Reads a duration as Go writes it, such as `1m30s` or `1.5h`, which old alerts use; null when it is none.
 * Source: https://pkg.go.dev/time#ParseDuration
 */
export function parseGoDuration(text: string): Duration | null {
  let rest = text;
  let sum = 0;
  while (rest !== "") {
    const part = GO_PART.exec(rest);
    if (part === null) {
      return null;
    }
    sum += Number(part[1]) * (GO_UNITS_MS.get(part[2] ?? "") ?? 0);
    rest = rest.slice(part[0].length);
  }
  return text === "" ? null : duration(sum);
}
