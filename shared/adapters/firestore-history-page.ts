import type { z } from "zod";

import { assert } from "../domain/assert.ts";
import type { Page, PageRequest } from "../ports/store.ts";
import { isDocumentId, SERVICES } from "./documents.ts";
import type { HistoryName } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { queryPage } from "./firestore-page.ts";

/** Which page of which history, by which of its fields. */
type HistoryRequest = {
  readonly service: string;
  readonly name: HistoryName;
  readonly by: string;
  readonly request: PageRequest;
};

/** A page of what a service was, the newest first. */
export async function newestFirst<Item>(
  open: OpenFirestore,
  schema: z.ZodType<Item>,
  { service, name, by, request }: HistoryRequest,
): Promise<Page<Item>> {
  const list = `${SERVICES}/${service}/${name}`;
  if (!isDocumentId(service)) {
    return { items: [], nextPageToken: "" };
  }
  return readOutside(list, async () => {
    const { firestore } = await open();
    const page = await queryPage(open, firestore.collection(list), { list, by, request });
    const items = page.docs.map((stored) => present(bodyOf(schema, stored)));
    return { items, nextPageToken: page.nextPageToken };
  });
}

/** What was read of a document that a query found. */
export function present<Item>(found: Item | null): Item {
  assert(found !== null, "what a query finds exists");
  return found;
}
