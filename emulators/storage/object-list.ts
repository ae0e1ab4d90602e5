import { getBucket } from "./buckets.ts";
import { toObjectResource } from "./objects.ts";
import {
  byName,
  type Handler,
  listResponse,
  pageOf,
  placeOf,
  type Query,
  queryOf,
} from "./request.ts";
import type { StoredObject } from "./state.ts";
import { notImplemented } from "./storage-error.ts";

/** An object, or a prefix that stands for all objects below it. */
type Entry = StoredObject | string;

/** Parameters that would change the answer and that the emulator does not have. */
const NOT_COVERED =
  /^(?:softDeleted|matchGlob|filter|includeTrailingDelimiter|startOffset|endOffset)$/;

/**
 * `objects.list`: objects by name, with `prefix`, `delimiter`, `maxResults` and `pageToken`. With `versions` it is the
 * same list, since no other versions are kept.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects/list
 */
export const onListObjects: Handler = ({ state }, c) => {
  const query = queryOf(c);
  const unknown = Object.entries(c.req.query()).find(
    ([name, value]) => NOT_COVERED.test(name) && value !== "" && value !== "false",
  );
  if (unknown !== undefined) {
    throw notImplemented(`the parameter ${unknown[0]} of objects.list`);
  }
  const { name: bucket } = getBucket(state, placeOf(c).bucket);
  const found = [...state.objects.values()].filter(
    (object) => object.bucket === bucket && object.name.startsWith(query("prefix") ?? ""),
  );
  const page = pageOf(toEntries(found.toSorted(byName), query), query);
  const prefixes = page.items.flatMap((entry) => (typeof entry === "string" ? [entry] : []));
  const items = page.items.flatMap((entry) =>
    typeof entry === "string" ? [] : [toObjectResource(entry, c)],
  );
  return listResponse("storage#objects", { nextPageToken: page.nextPageToken, prefixes, items });
};

/** Objects whose names go on after the delimiter become one prefix; the order stays. */
function toEntries(objects: readonly StoredObject[], query: Query): readonly Entry[] {
  const delimiter = query("delimiter") ?? "";
  const from = (query("prefix") ?? "").length;
  const entries = objects.map((object): Entry => {
    const index = delimiter === "" ? -1 : object.name.indexOf(delimiter, from);
    return index < 0 ? object : object.name.slice(0, index + delimiter.length);
  });
  return [...new Set(entries)];
}
