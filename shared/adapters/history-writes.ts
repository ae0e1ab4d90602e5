import type { DocumentReference } from "@google-cloud/firestore";

import { assert } from "../domain/assert.ts";
import type { HistoryWrites } from "../ports/store.ts";
import {
  auditDocumentId,
  ownerOf,
  toAuditDocument,
  toBackupDocument,
  toImageDocument,
  toPromotionDocument,
  toReleaseDocument,
  toSpecDocument,
  toTimelineDocument,
} from "./documents.ts";
import type { HistoryName, StoredFields } from "./documents.ts";

/** Sets one document, in a transaction or a batch. */
export type SetDocument = (reference: DocumentReference, fields: StoredFields) => void;

/** Sets the documents of what is written beside an aggregate. */
export function setHistory(
  setDocument: SetDocument,
  owner: DocumentReference,
  history: HistoryWrites,
): void {
  function set(name: HistoryName, id: string, fields: StoredFields): void {
    setDocument(owner.collection(name).doc(id), fields);
  }
  for (const release of history.releases) {
    set("releases", release.id, toReleaseDocument(release));
  }
  for (const image of history.images) {
    set("images", image.id, toImageDocument(image));
  }
  for (const promotion of history.promotions) {
    set("promotions", promotion.id, toPromotionDocument(promotion));
  }
  for (const entry of history.timeline) {
    set("timeline", entry.id, toTimelineDocument(entry));
  }
  for (const backup of history.backups) {
    set("backups", backup.id, toBackupDocument(backup));
  }
  for (const spec of history.specs) {
    set("specs", String(spec.place), toSpecDocument(spec));
  }
  for (const record of history.records) {
    assert(ownerOf(record.chain) === owner.path, "a record is kept with its chain's owner");
    set("audit", auditDocumentId(record.sequence), toAuditDocument(record));
  }
}
