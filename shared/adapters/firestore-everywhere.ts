import type { Query } from "@google-cloud/firestore";
import type { z } from "zod";

import { assert } from "../domain/assert.ts";
import { serviceId } from "../domain/ids.ts";
import type { Everywhere, Page, SpanRequest } from "../ports/store.ts";
import { AuditRecordValue } from "../wire/state/audit.ts";
import { TimelineEntryValue } from "../wire/state/history.ts";
import type { HistoryName } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { present } from "./firestore-history-page.ts";
import { queryPage } from "./firestore-page.ts";

/** Reads the histories of all services at once: each needs an index of its collection group, the greatest first. */
export function firestoreEverywhere(open: OpenFirestore): Everywhere {
  return {
    timelineOfAll: async (request) => {
      const found = await newest(open, TimelineEntryValue, {
        name: "timeline",
        by: "since",
        request,
      });
      const items = found.items.map(({ owner, item }) =>
        Object.assign({ service: serviceId(owner) }, item),
      );
      return { ...found, items };
    },
    happeningsOfAll: async (request) => {
      const at = { name: "audit" as const, by: "happenedAt", request };
      const found = await newest(open, AuditRecordValue, at);
      return { ...found, items: found.items.map(({ item }) => item) };
    },
  };
}

type Group = { readonly name: HistoryName; readonly by: string; readonly request: SpanRequest };

/** What a history has of a span of time, with the id of the document to which it belongs. */
async function newest<Item>(
  open: OpenFirestore,
  schema: z.ZodType<Item>,
  { name, by, request }: Group,
): Promise<Page<{ readonly owner: string; readonly item: Item }>> {
  const list = `${name} of all`;
  return readOutside(list, async () => {
    const { firestore } = await open();
    const { from, to, ...page } = request;
    const all: Query = firestore.collectionGroup(name).where(by, ">=", from).where(by, "<=", to);
    const found = await queryPage(open, all, { list, by, request: page, isGroup: true });
    const items = found.docs.map((stored) => {
      const owner = stored.ref.parent.parent?.id;
      assert(owner !== undefined, "a history belongs to a document");
      return { owner, item: present(bodyOf(schema, stored)) };
    });
    return { items, nextPageToken: found.nextPageToken };
  });
}
