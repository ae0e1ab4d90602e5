import { type Document, type Documents, documentsIn } from "./documents.ts";
import { collectionOf, idOf } from "./resource-name.ts";

/** The collections that a query looks into. */
export type Scope = {
  /** The root of a database's documents, or a document. */
  readonly parent: string;
  /** Empty for every collection. */
  readonly collectionId: string;
  /** Whether collections further down count too. */
  readonly allDescendants: boolean;
};

/** The documents within a scope as they were at a time, in no order. */
export function documentsWithin(
  documents: Documents,
  scope: Scope,
  at: number,
): readonly Document[] {
  const { parent, collectionId, allDescendants } = scope;
  if (collectionId !== "" && !allDescendants) {
    return documentsIn(documents, `${parent}/${collectionId}`, at);
  }
  return collectionsWithin(documents, scope).flatMap((name) => documentsIn(documents, name, at));
}

/** The names of the collections within a scope that have documents or had some lately. */
export function collectionsWithin(documents: Documents, scope: Scope): readonly string[] {
  return [...documents.collections.keys()].filter((name) => hasCollection(scope, name));
}

/** Whether a document is within a scope. */
export function isWithin(scope: Scope, documentName: string): boolean {
  return hasCollection(scope, collectionOf(documentName));
}

/** Whether some collection can be within both scopes. */
export function scopesOverlap(left: Scope, right: Scope): boolean {
  const ids = left.collectionId === "" || right.collectionId === "";
  if (!ids && left.collectionId !== right.collectionId) {
    return false;
  }
  return (
    left.parent === right.parent ||
    (left.allDescendants && isUnder(right.parent, left.parent)) ||
    (right.allDescendants && isUnder(left.parent, right.parent))
  );
}

function hasCollection(scope: Scope, collection: string): boolean {
  const { parent, collectionId, allDescendants } = scope;
  if (collectionId !== "" && idOf(collection) !== collectionId) {
    return false;
  }
  return allDescendants ? isUnder(collection, parent) : collectionOf(collection) === parent;
}

function isUnder(name: string, parent: string): boolean {
  return name.startsWith(`${parent}/`);
}
