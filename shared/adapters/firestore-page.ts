import type { Query, QueryDocumentSnapshot } from "@google-cloud/firestore";

import type { PageRequest } from "../ports/store.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { readPageToken, toPageToken } from "./page-token.ts";
import type { Cursor } from "./page-token.ts";

/** The largest page, whatever is asked for. */
export const PAGE_SIZE_MAX = 500;

/** Which list a page is of, and by what it is ordered: a field, the greatest first, or else the id. */
export type Listed = {
  readonly list: string;
  readonly by: string | null;
  readonly request: PageRequest;
  /** Whether it is of a collection group, in which a document's id is its whole path. */
  readonly isGroup?: boolean;
};

/** A page of documents. */
export type DocumentPage = {
  readonly docs: QueryDocumentSnapshot[];
  readonly nextPageToken: string;
};

/**
 * One page of a query's documents. One more is read than given, to know whether there is a next page.
 * @throws PermanentError INVALID_ARGUMENT for a page token that is not of this list.
 */
export async function queryPage(
  open: OpenFirestore,
  query: Query,
  { list, by, request, isGroup = false }: Listed,
): Promise<DocumentPage> {
  const { library } = await open();
  const id = library.FieldPath.documentId();
  const ordered = by === null ? query.orderBy(id) : query.orderBy(by, "desc").orderBy(id, "desc");
  const { pageToken } = request;
  const values = by === null ? 1 : 2;
  const started =
    pageToken === "" ? ordered : ordered.startAfter(...readPageToken(list, pageToken, values));
  const pageSize = Math.max(1, Math.min(request.pageSize, PAGE_SIZE_MAX));
  const { docs } = await started.limit(pageSize + 1).get();
  const page = docs.slice(0, pageSize);
  const last = page.at(-1);
  const isLast = last === undefined || docs.length <= pageSize;
  return {
    docs: page,
    nextPageToken: isLast ? "" : toPageToken(list, cursorOf(last, by, isGroup)),
  };
}

function cursorOf(document: QueryDocumentSnapshot, by: string | null, isGroup: boolean): Cursor {
  const id = isGroup ? document.ref.path : document.id;
  if (by === null) {
    return [id];
  }
  const value: unknown = document.get(by);
  return [typeof value === "number" ? value : String(value), id];
}
