import { isRecord } from "./json.ts";

/** One comparison of a filter: what the record has at the path, and what the filter says. */
export type Comparison = {
  readonly found: readonly unknown[];
  readonly operator: string;
  readonly value: string;
};

/** What a field that is not there counts as: proto3 JSON leaves out each of these. */
const DEFAULTS: ReadonlySet<string> = new Set(["", "0", "false", "null"]);

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}([T ].*)?$/;

/**
 * Whether a comparison holds. Of several values (an array's) one is enough, except for `!=`, for which
 * none may be equal.
 */
export function matches({ found, operator, value }: Comparison): boolean {
  const values = found.filter((one) => one !== undefined && one !== null);
  switch (operator) {
    case "=":
      return isEqualTo(values, value);
    case "!=":
      return !isEqualTo(values, value);
    case ":":
      return has(values, value);
    default:
      return values.some((one) => isOrdered(compare(one, value), operator));
  }
}

function isEqualTo(values: readonly unknown[], wanted: string): boolean {
  return values.length === 0
    ? DEFAULTS.has(wanted)
    : values.some((one) => (Array.isArray(one) ? isEqualTo(one, wanted) : equals(one, wanted)));
}

/** `field:*` asks for presence, `map:key` for a key, `list:x` for an element, `text:x` for a part. */
function has(values: readonly unknown[], wanted: string): boolean {
  return values.some((one) => {
    if (Array.isArray(one)) {
      return wanted === "*" ? one.length > 0 : has(one, wanted);
    }
    if (isRecord(one)) {
      return wanted === "*" || Object.hasOwn(one, wanted);
    }
    if (wanted === "*") {
      return true;
    }
    return typeof one === "string" ? toPattern(wanted, "").test(one) : equals(one, wanted);
  });
}

function equals(one: unknown, wanted: string): boolean {
  if (typeof one === "string" && wanted.includes("*")) {
    return toPattern(wanted, "^$").test(one);
  }
  return compare(one, wanted) === 0;
}

/** Negative, zero or positive as the value is below, equal to or above; NaN when they do not compare. */
function compare(one: unknown, wanted: string): number {
  if (typeof one === "number") {
    return one - Number(wanted);
  }
  if (typeof one === "boolean") {
    return Number(one) - Number(wanted.toLowerCase() === "true");
  }
  if (typeof one !== "string") {
    return Number.NaN;
  }
  if (TIMESTAMP.test(one) && TIMESTAMP.test(wanted)) {
    return Date.parse(one) - Date.parse(wanted);
  }
  // 64-bit numbers are text in JSON, and durations end in "s".
  const numbers = [one, wanted].map((text) =>
    /^-?\d+(\.\d+)?s?$/.test(text) ? parseFloat(text) : Number.NaN,
  );
  const difference = (numbers[0] ?? Number.NaN) - (numbers[1] ?? Number.NaN);
  return Number.isNaN(difference) ? compareText(one, wanted) : difference;
}

function compareText(one: string, wanted: string): number {
  if (one === wanted) {
    return 0;
  }
  return one < wanted ? -1 : 1;
}

function isOrdered(difference: number, operator: string): boolean {
  switch (operator) {
    case "<":
      return difference < 0;
    case "<=":
      return difference <= 0;
    case ">":
      return difference > 0;
    default:
      return difference >= 0;
  }
}

function toPattern(wanted: string, anchors: "" | "^$"): RegExp {
  const body = wanted
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".*");
  return anchors === "" ? new RegExp(body, "is") : new RegExp(`^${body}$`, "s");
}
