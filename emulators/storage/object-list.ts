import { paginate } from "../kit/page.ts";
import { compareNames, getBucket, PAGE_LIMITS, toPageRequest } from "./buckets.ts";
import { toObjectResource } from "./objects.ts";
import type { Query } from "./preconditions.ts";
import { type Handler, queryOf } from "./request.ts";
import type { StoredObject } from "./state.ts";
import { notImplemented } from "./storage-error.ts";

/** An object, or a prefix that stands for all objects below it. */
type Entry = { readonly object: StoredObject } | { readonly prefix: string };

/** Parameters that would change the answer and that the emulator does not have. */
const NOT_COVERED =
  /^(?:softDeleted|matchGlob|filter|includeTrailingDelimiter|startOffset|endOffset)$/;

/**
 * `objects.list`: objects by name, with `prefix`, `delimiter`, `maxResults` and `pageToken`. With `versions` it is the
 * same list, since no other versions are kept.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list
 */
export const onListObjects: Handler = ({ state }, { c }) => {
  const query = queryOf(c);
  const unknown = Object.entries(c.req.query()).find(
    ([name, value]) => NOT_COVERED.test(name) && value !== "" && value !== "false",
  );
  if (unknown !== undefined) {
    throw notImplemented(`the parameter ${unknown[0]} of objects.list`);
  }
  const bucket = c.req.param("bucket") ?? "";
  const objects = [...getBucket(state, bucket).objects.values()]
    .filter(({ record }) => record.name.startsWith(query("prefix") ?? ""))
    .toSorted((left, right) => compareNames(left.record.name, right.record.name));
  const page = paginate(toEntries(objects, query), toPageRequest(query), PAGE_LIMITS);
  const { nextPageToken } = page;
  const prefixes = page.items.flatMap((entry) => ("prefix" in entry ? [entry.prefix] : []));
  const items = page.items.flatMap((entry) =>
    "object" in entry ? [toObjectResource(bucket, entry.object, c)] : [],
  );
  return Response.json({
    kind: "storage#objects",
    ...(nextPageToken !== "" && { nextPageToken }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(items.length > 0 && { items }),
  });
};

/** Objects whose names go on after the delimiter become one prefix; the order stays. */
function toEntries(objects: readonly StoredObject[], query: Query): readonly Entry[] {
  const delimiter = query("delimiter") ?? "";
  const from = (query("prefix") ?? "").length;
  const seen = new Set<string>();
  return objects.flatMap((object): readonly Entry[] => {
    const { name } = object.record;
    const index = delimiter === "" ? -1 : name.indexOf(delimiter, from);
    if (index < 0) {
      return [{ object }];
    }
    const prefix = name.slice(0, index + delimiter.length);
    const isNew = !seen.has(prefix);
    seen.add(prefix);
    return isNew ? [{ prefix }] : [];
  });
}
