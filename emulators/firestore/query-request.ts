import type { ArrayValue, Value } from "./value.ts";

/**
 * A query as requests have it.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/StructuredQuery
 */
export type StructuredQuery = {
  readonly select?: { readonly fields?: readonly FieldReference[] };
  readonly from?: readonly { readonly collectionId?: string; readonly allDescendants?: boolean }[];
  readonly where?: Filter;
  readonly orderBy?: readonly { readonly field?: FieldReference; readonly direction?: string }[];
  readonly startAt?: Cursor;
  readonly endAt?: Cursor;
  readonly offset?: number;
  readonly limit?: number;
  readonly findNearest?: object;
};

/** A field, by its path. */
export type FieldReference = { readonly fieldPath?: string };

/** A place among the results, just before or just after the values. */
export type Cursor = ArrayValue & { readonly before?: boolean };

/** A condition on a document: one of the three kinds. */
export type Filter = {
  readonly compositeFilter?: { readonly op?: string; readonly filters?: readonly Filter[] };
  readonly fieldFilter?: FieldFilter;
  readonly unaryFilter?: { readonly op?: string; readonly field?: FieldReference };
};

/** A comparison of a field with a value. */
export type FieldFilter = {
  readonly field?: FieldReference;
  readonly op?: string;
  readonly value?: Value;
};

/** The path by which queries mean a document's name. */
export const NAME_FIELD = "__name__";
