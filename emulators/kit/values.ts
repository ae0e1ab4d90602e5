import { badRequest } from "./google-error.ts";
import { isRecord } from "./json.ts";

/**
 * The values at a dotted path. Names are matched as Google's list calls do: case and underscores do
 * not count, so `DeployEndTime`, `deploy_end_time` and `deployEndTime` are one field. An array on the
 * way stands for each of its elements.
 */
export function valuesAt(record: unknown, path: readonly string[]): readonly unknown[] {
  let values: readonly unknown[] = [record];
  for (const name of path) {
    values = values.flatMap((value) => stepInto(value, name));
  }
  return values;
}

function stepInto(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) {
    return value.flatMap((element) => stepInto(element, name));
  }
  if (!isRecord(value)) {
    return [];
  }
  const wanted = normalize(name);
  const key = Object.hasOwn(value, name)
    ? name
    : Object.keys(value).find((one) => normalize(one) === wanted);
  return key === undefined ? [] : [value[key]];
}

function normalize(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}([T ].*)?$/;

/** 64-bit numbers are text in JSON, and durations end in "s". */
const NUMBER = /^-?\d+(\.\d+)?s?$/;

/**
 * Negative, zero or positive as a value is below, equal to or above another, which may be written as text; NaN when
 * they do not compare.
 */
export function compareValues(one: unknown, other: unknown): number {
  const text = String(other);
  if (typeof one === "number") {
    return one - Number(text);
  }
  if (typeof one === "boolean") {
    return Number(one) - Number(text.toLowerCase() === "true");
  }
  if (typeof one !== "string") {
    return Number.NaN;
  }
  if (TIMESTAMP.test(one) && TIMESTAMP.test(text)) {
    return compareTimes(one, text);
  }
  if (NUMBER.test(one) && NUMBER.test(text)) {
    return parseFloat(one) - parseFloat(text);
  }
  return Number(one > text) - Number(one < text);
}

/**
 * As text a time with decimals would come before the same second without, and as a date it would lose all
 * decimals after the third.
 */
function compareTimes(left: string, right: string): number {
  const [wholeLeft, wholeRight] = [left, right].map((time) =>
    Date.parse(time.replace(/\.\d+/, "")),
  );
  const wholeMs = (wholeLeft ?? Number.NaN) - (wholeRight ?? Number.NaN);
  return wholeMs === 0 ? toFraction(left) - toFraction(right) : wholeMs;
}

function toFraction(time: string): number {
  return Number(/\.\d+/.exec(time)?.[0] ?? "0");
}

const KEY = /^([A-Za-z_][\w.]*)(?:\s+(asc|desc))?$/i;

/**
 * Sorts as a list call's `orderBy` says: `DeployEndTime desc, name`. Items that lack a field come
 * first, as a default value would; equal items keep their order.
 * Source: https://google.aip.dev/132
 * @throws GoogleError INVALID_ARGUMENT when the text is not of that form.
 */
export function orderBy<T extends object>(
  items: readonly T[],
  text: string | undefined,
): readonly T[] {
  if (text === undefined || text.trim() === "") {
    return items;
  }
  const keys = text.split(",").map((part) => {
    const [, path, direction = ""] = KEY.exec(part.trim()) ?? [];
    if (path === undefined) {
      throw badRequest("order_by", `Invalid order_by: "${part.trim()}"`);
    }
    return { path: path.split("."), sign: direction.toLowerCase() === "desc" ? -1 : 1 };
  });
  return items.toSorted((left, right) => {
    for (const { path, sign } of keys) {
      const [one = "", other = ""] = [valuesAt(left, path)[0], valuesAt(right, path)[0]];
      const difference = compareValues(one, other);
      if (difference !== 0 && !Number.isNaN(difference)) {
        return difference * sign;
      }
    }
    return 0;
  });
}
