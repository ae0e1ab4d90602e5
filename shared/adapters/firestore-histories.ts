import type { z } from "zod";

import { assert } from "../domain/assert.ts";
import type { Histories, Page, PageRequest } from "../ports/store.ts";
import { AuditRecordValue } from "../wire/state/audit.ts";
import { BackupValue } from "../wire/state/data.ts";
import { PromotionValue, ReleaseValue, TimelineEntryValue } from "../wire/state/history.ts";
import { auditDocumentId, isDocumentId, ownerOf, SERVICES } from "./documents.ts";
import type { HistoryName } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { PAGE_SIZE_MAX, queryPage } from "./firestore-page.ts";

/** Reads what services were. */
export function firestoreHistories(open: OpenFirestore): Histories {
  return {
    release: async (service, id) => one(open, ReleaseValue, { service, name: "releases", id }),
    backup: async (service, id) => one(open, BackupValue, { service, name: "backups", id }),
    releases: async (service, request) =>
      newestFirst(open, ReleaseValue, { service, name: "releases", by: "order", request }),
    promotion: async (id) =>
      readOutside(`promotion ${id}`, async () => {
        const { firestore } = await open();
        const all = firestore.collectionGroup("promotions" satisfies HistoryName);
        const { docs } = await all.where("id", "==", id).limit(1).get();
        return docs[0] === undefined ? null : bodyOf(PromotionValue, docs[0]);
      }),
    promotions: async (service, request) =>
      newestFirst(open, PromotionValue, { service, name: "promotions", by: "createdAt", request }),
    timeline: async (service, request) =>
      newestFirst(open, TimelineEntryValue, { service, name: "timeline", by: "since", request }),
    backups: async (service, request) =>
      newestFirst(open, BackupValue, { service, name: "backups", by: "startedAt", request }),
    records: async (chain, after, limit) => {
      if (!isDocumentId(chain)) {
        return [];
      }
      const path = `${ownerOf(chain)}/audit`;
      return readOutside(path, async () => {
        const { firestore, library } = await open();
        const { docs } = await firestore
          .collection(path)
          .orderBy(library.FieldPath.documentId())
          .startAfter(auditDocumentId(after))
          .limit(Math.min(limit, PAGE_SIZE_MAX))
          .get();
        return docs.map((stored) => present(bodyOf(AuditRecordValue, stored)));
      });
    },
  };
}

type HistoryKey = { readonly service: string; readonly name: HistoryName; readonly id: string };

async function one<Item>(
  open: OpenFirestore,
  schema: z.ZodType<Item>,
  { service, name, id }: HistoryKey,
): Promise<Item | null> {
  if (!isDocumentId(service) || !isDocumentId(id)) {
    return null;
  }
  const path = `${SERVICES}/${service}/${name}/${id}`;
  return readOutside(path, async () =>
    bodyOf(schema, await (await open()).firestore.doc(path).get()),
  );
}

type HistoryRequest = {
  readonly service: string;
  readonly name: HistoryName;
  readonly by: string;
  readonly request: PageRequest;
};

async function newestFirst<Item>(
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

function present<Item>(found: Item | null): Item {
  assert(found !== null, "what a query finds exists");
  return found;
}
