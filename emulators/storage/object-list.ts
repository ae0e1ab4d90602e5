import { paginate } from "../kit/page.ts";
import { compareNames, getBucket, PAGE_LIMITS, toPageRequest } from "./operations-buckets.ts";
import { toObjectResource } from "./operations-objects.ts";
import type { Query } from "./preconditions.ts";
import type { StorageState, StoredObject } from "./state.ts";
import { notImplemented } from "./storage-error.ts";

/** An object, or a prefix that stands for all objects below it. */
type Entry = { readonly object: StoredObject } | { readonly prefix: string };

/** Parameters that would change the answer and that the emulator does not have. */
const NOT_COVERED = ["softDeleted", "matchGlob", "filter"];

/**
 * `objects.list`: objects by name, with `prefix`, `delimiter`, `includeTrailingDelimiter`,
 * `startOffset`, `endOffset`, `maxResults` and `pageToken`. With `versions` it is the same list, since no other versions are kept.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list
 * @throws StorageError 404 without the bucket, 501 for a parameter that is not covered.
 */
export function listObjects(
  state: StorageState,
  { bucket, query }: { readonly bucket: string; readonly query: Query },
  baseUrl: string,
): unknown {
  const unknown = NOT_COVERED.find((name) => !["", "false"].includes(query(name) ?? ""));
  if (unknown !== undefined) {
    throw notImplemented(`the parameter ${unknown} of objects.list`);
  }
  const objects = [...getBucket(state, bucket).objects.values()]
    .filter(({ record }) => isInRange(record.name, query))
    .toSorted((left, right) => compareNames(left.record.name, right.record.name));
  const page = paginate(toEntries(objects, query), toPageRequest(query), PAGE_LIMITS);
  const prefixes = page.items.flatMap((entry) => ("prefix" in entry ? [entry.prefix] : []));
  const items = page.items.flatMap((entry) =>
    "object" in entry ? [toObjectResource(bucket, entry.object, baseUrl)] : [],
  );
  return {
    kind: "storage#objects",
    ...(page.nextPageToken === "" ? {} : { nextPageToken: page.nextPageToken }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(items.length === 0 ? {} : { items }),
  };
}

function isInRange(name: string, query: Query): boolean {
  const start = query("startOffset") ?? "";
  const end = query("endOffset") ?? "";
  return (
    name.startsWith(query("prefix") ?? "") &&
    compareNames(name, start) >= 0 &&
    (end === "" || compareNames(name, end) < 0)
  );
}

/** Objects whose names go on after the delimiter become one prefix; the order stays. */
function toEntries(objects: readonly StoredObject[], query: Query): readonly Entry[] {
  const seen = new Set<string>();
  return objects.flatMap((object): readonly Entry[] => {
    const { name } = object.record;
    const prefix = toPrefix(name, query);
    if (prefix === null) {
      return [{ object }];
    }
    const isNew = !seen.has(prefix);
    seen.add(prefix);
    const isShown = prefix === name && query("includeTrailingDelimiter") === "true";
    return [...(isNew ? [{ prefix }] : []), ...(isShown ? [{ object }] : [])];
  });
}

function toPrefix(name: string, query: Query): string | null {
  const delimiter = query("delimiter") ?? "";
  const index = delimiter === "" ? -1 : name.indexOf(delimiter, (query("prefix") ?? "").length);
  return index < 0 ? null : name.slice(0, index + delimiter.length);
}
