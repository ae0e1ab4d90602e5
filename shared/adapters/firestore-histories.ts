import type { z } from "zod";

import type { Histories } from "../ports/store.ts";
import { AuditRecordValue } from "../wire/state/audit.ts";
import { BackupValue } from "../wire/state/data.ts";
import { PromotionValue, SpecTextValue, TimelineEntryValue } from "../wire/state/history.ts";
import { auditDocumentId, isDocumentId, ownerOf, SERVICES } from "./documents.ts";
import type { HistoryName } from "./documents.ts";
import { bodyOf, readOutside } from "./firestore-client.ts";
import type { OpenFirestore } from "./firestore-client.ts";
import { newestFirst, present } from "./firestore-history-page.ts";
import { PAGE_SIZE_MAX } from "./firestore-page.ts";
import { firestoreReleases } from "./firestore-releases.ts";

/** Reads what services were. */
export function firestoreHistories(open: OpenFirestore): Histories {
  return {
    ...firestoreReleases(open),
    backup: async (service, id) => one(open, BackupValue, { service, name: "backups", id }),
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
    specs: async (service, places) => {
      if (!isDocumentId(service) || places.length === 0) {
        return [];
      }
      const path = `${SERVICES}/${service}/${"specs" satisfies HistoryName}`;
      return readOutside(path, async () => {
        const { firestore } = await open();
        const wanted = places.map((place) => firestore.doc(`${path}/${place}`));
        const stored = await firestore.getAll(...wanted);
        return stored.flatMap((found) => bodyOf(SpecTextValue, found) ?? []);
      });
    },
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
