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

const KEY = /^([A-Za-z_][\w.]*)(?:\s+(asc|desc))?$/i;

/**
 * Sorts as a list call's `orderBy` says, by one field that is a time or a text: `DeployEndTime desc`. Items that lack it come
 * first, as a default value would; equal items keep their order.
 * Source: https://google.aip.dev/132
 * @throws GoogleError INVALID_ARGUMENT when the text is not of that form.
 */
export function orderBy<T extends object>(
  items: readonly T[],
  text: string | undefined,
): readonly T[] {
  const key = (text ?? "").trim();
  if (key === "") {
    return items;
  }
  const [, path, direction = ""] = KEY.exec(key) ?? [];
  if (path === undefined) {
    throw badRequest("order_by", `Invalid order_by: "${key}"`);
  }
  const names = path.split(".");
  const sign = direction.toLowerCase() === "desc" ? -1 : 1;
  return items.toSorted((left, right) => {
    const [one, other] = [sortable(left, names), sortable(right, names)];
    return sign * (Number(one > other) - Number(one < other));
  });
}

/** As it is written, a time with decimals would come before the same second without. */
function sortable(record: object, path: readonly string[]): string {
  const [value] = valuesAt(record, path);
  return (typeof value === "string" ? value : "").replace(
    /(?<=T[\d:]{8})(?:\.(\d+))?Z$/,
    (_, digits: string = "") => `.${digits.padEnd(9, "0")}`,
  );
}
