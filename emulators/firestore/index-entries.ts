import { googleError } from "../kit/google-error.ts";
import type { AdminState, SingleFieldIndex } from "./admin-state.ts";
import type { Document } from "./documents.ts";
import { collectionOf, databaseOf, idOf } from "./resource-name.ts";
import { elementsOf, type Fields } from "./value.ts";

/**
 * The most index entries of one document.
 * Source: https://cloud.google.com/firestore/quotas
 */
const INDEX_ENTRIES_MAX = 40_000;

/** How many entries the indexes of a field have of one value, and of each element of an array. */
type Indexes = { readonly ofValue: number; readonly ofElement: number };

/** One upwards, one downwards, and one of what arrays contain. */
const AUTOMATIC: Indexes = { ofValue: 2, ofElement: 1 };

/**
 * Refuses a document of which the indexes would have too many entries. What is in a map is a field of its own, whose
 * indexes are the map's unless somebody set others.
 * Source: https://firebase.google.com/docs/firestore/query-data/index-overview#automatic_indexing; the words are
 * unconfirmed.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkIndexEntries({ fields: settings }: AdminState, document: Document): void {
  const { name, fields } = document;
  const groups = `${databaseOf(name)}/collectionGroups`;
  const collection = `${groups}/${idOf(collectionOf(name))}/fields/`;
  const ancestor = toIndexes(settings.get(`${groups}/__default__/fields/*`)?.indexes, AUTOMATIC);
  function count(inner: Fields, parent: string, inherited: Indexes): number {
    let entries = 0;
    for (const [field, value] of Object.entries(inner)) {
      const path = parent === "" ? field : `${parent}.${field}`;
      const indexes = toIndexes(settings.get(`${collection}${path}`)?.indexes, inherited);
      if (value.mapValue !== undefined) {
        entries += count(value.mapValue.fields ?? {}, path, indexes);
      } else if (value.arrayValue === undefined) {
        entries += indexes.ofValue;
      } else {
        entries += elementsOf(value).length * indexes.ofElement;
      }
    }
    return entries;
  }
  const entries = count(fields, "", ancestor);
  if (entries > INDEX_ENTRIES_MAX) {
    throw googleError("INVALID_ARGUMENT", `too many index entries for entity ${name}`);
  }
}

function toIndexes(indexes: readonly SingleFieldIndex[] | undefined, inherited: Indexes): Indexes {
  if (indexes === undefined) {
    return inherited;
  }
  const ofElement = indexes.filter(
    ({ fields: [first] }) => first?.arrayConfig !== undefined,
  ).length;
  return { ofValue: indexes.length - ofElement, ofElement };
}
