import { valuesAt } from "./field-path.ts";
import { badRequest } from "./google-error.ts";

type Key = { readonly path: readonly string[]; readonly sign: 1 | -1 };

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
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
  const keys = text.split(",").map((part) => parseKey(part.trim()));
  return items.toSorted((left, right) => {
    for (const { path, sign } of keys) {
      const difference = compare(valuesAt(left, path)[0], valuesAt(right, path)[0]);
      if (difference !== 0) {
        return difference * sign;
      }
    }
    return 0;
  });
}

function parseKey(text: string): Key {
  const match = KEY.exec(text);
  const path = match?.[1];
  if (path === undefined) {
    throw badRequest("order_by", `Invalid order_by: "${text}"`);
  }
  return { path: path.split("."), sign: match?.[2]?.toLowerCase() === "desc" ? -1 : 1 };
}

function compare(left: unknown, right: unknown): number {
  if (typeof left === "number" && typeof right === "number") {
    return left - right;
  }
  const leftText = toText(left);
  const rightText = toText(right);
  if (TIMESTAMP.test(leftText) && TIMESTAMP.test(rightText)) {
    return compareTimes(leftText, rightText);
  }
  if (leftText === rightText) {
    return 0;
  }
  return leftText < rightText ? -1 : 1;
}

/**
 * As text a time with decimals would come before the same second without, and as a date it would lose all
 * decimals after the third.
 */
function compareTimes(left: string, right: string): number {
  const wholeMs = Date.parse(toWholeSecond(left)) - Date.parse(toWholeSecond(right));
  return wholeMs === 0 ? toFraction(left) - toFraction(right) : wholeMs;
}

function toWholeSecond(time: string): string {
  return time.replace(/\.\d+/, "");
}

function toFraction(time: string): number {
  return Number(/\.\d+/.exec(time)?.[0] ?? "0");
}

function toText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : "";
}
