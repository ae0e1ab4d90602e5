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
  const key = findKey(value, name);
  return key === undefined ? [] : [value[key]];
}

function findKey(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  if (Object.hasOwn(record, name)) {
    return name;
  }
  const wanted = normalize(name);
  return Object.keys(record).find((key) => normalize(key) === wanted);
}

function normalize(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}
