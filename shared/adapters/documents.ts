import { createHash } from "node:crypto";

import type { AuditRecord } from "../domain/audit-record.ts";
import { SYSTEM_CHAIN } from "../domain/audit-record.ts";
import type { Backup } from "../domain/backup.ts";
import type { SpecText } from "../domain/changes/kept-specs.ts";
import { isHappening } from "../domain/happening.ts";
import type { Image } from "../domain/image.ts";
import type { Sum } from "../domain/numbers/sum.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Release } from "../domain/release.ts";
import { searchKeysOf } from "../domain/search-keys.ts";
import { isInFlight } from "../domain/state.ts";
import type { TimelineEntry } from "../domain/timeline.ts";
import type { ControlAggregate, ServiceAggregate } from "../ports/store.ts";
import { SCHEMA_VERSION } from "../wire/state-document.ts";

/**
 * Where things are kept. Every document has its schema's version, fields that queries use, and a `body`
 * that no query looks into and no index needs.
 *
 *     services/{id}                     one service: image, pipelines, projects, inFlight, held, search, fields
 *       releases/{id}                   order
 *       images/{id}                     tags
 *       promotions/{id}                 id, createdAt, state
 *       timeline/{promotion's id}       since
 *       backups/{id}                    startedAt
 *       specs/{place}
 *       audit/{sequence, 12 digits}     happenedAt, of those that tell what happened
 *     control/slipway                   what concerns no single service
 *       audit/{sequence, 12 digits}
 *     decisions/{function}-{event}      at, expireAt
 *     sums/all, sums/owner-{hash}       owner
 *     chat/{request}                    expireAt
 *     notices/{hash of the key}         chain
 */
export const SERVICES = "services";
/** What concerns no single service is one document. */
export const CONTROL = "control/slipway";
/** What became of events. */
export const DECISIONS = "decisions";
/** What is counted of several services. */
const SUMS = "sums";

/** Requests from chat that were taken up. */
export const CHAT = "chat";

/** Raise it when queries look for another field of a service's document: the hourly look then stores each one anew. */
export const SERVICE_FIELDS = 1;

/** What channels were told. */
export const NOTICES = "notices";

/** The histories that a service has. */
export type HistoryName =
  | "releases"
  | "images"
  | "promotions"
  | "timeline"
  | "backups"
  | "specs"
  | "audit";

/** A document to be written: plain JSON. */
export type StoredFields = Readonly<Record<string, unknown>>;

/** Digits of a sequence number in a document's id, so that the order of ids is that of numbers. */
const SEQUENCE_DIGITS = 12;

/**
 * What may be a document's id.
 * Source: https://cloud.google.com/firestore/quotas#collections_documents_and_fields
 */
const DOCUMENT_ID = /^(?!\.\.?$)(?!__.*__$)[^/]{1,200}$/u;

/** Whether a text from outside may be a document's id at all; if not, no document has it. */
export function isDocumentId(text: string): boolean {
  return DOCUMENT_ID.test(text);
}

/** The path of the document to which a chain of audit records belongs. */
export function ownerOf(chain: string): string {
  return chain === SYSTEM_CHAIN ? CONTROL : `${SERVICES}/${chain}`;
}

/**
 * A service's document: the aggregate, and nothing that came with it. The holds on everything are kept in the
 * control document alone.
 */
export function toServiceDocument(aggregate: ServiceAggregate): StoredFields {
  const { state, outbox, chain, lease, numbers, due } = aggregate;
  const { globalHolds: _kept, windows: _read, images: _found, ...own } = state;
  const projects = state.service.environments.map(({ project }) => project);
  const pipelines = state.service.environments.map(({ pipeline }) => pipeline.id);
  // No query finds what was removed, but the list of all services.
  const isThere = state.removedAt === null;
  const isPublished = chain.published === chain.head.sequence;
  return {
    schemaVersion: SCHEMA_VERSION,
    image: isThere ? state.service.image : "",
    pipelines: isThere ? [...new Set(pipelines)] : [],
    projects: isThere ? [...new Set(projects)] : [],
    inFlight: isInFlight(state) || outbox.length > 0 || !isPublished || due.length > 0,
    held: isThere && state.holds.length > 0,
    search: Object.fromEntries(searchKeysOf(state).map((key) => [key, true])),
    fields: SERVICE_FIELDS,
    body: { state: own, outbox, chain, lease, numbers, due },
  };
}

/** The document of what was counted of an owner's services, or with null of all. */
export function toSumDocument(owner: string | null, sum: Sum): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, owner, body: sum };
}

/** The path of that document. An owner's name may have any characters, so a hash of it is the id. */
export function sumPath(owner: string | null): string {
  const id = owner === null ? "all" : `owner-${createHash("sha256").update(owner).digest("hex")}`;
  return `${SUMS}/${id}`;
}

/** The control document. */
export function toControlDocument(aggregate: ControlAggregate): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, body: aggregate };
}

/** A release's document. */
export function toReleaseDocument(release: Release): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, order: release.order, body: release };
}

/** An image's document. Its tags are found by a query. */
export function toImageDocument(image: Image): StoredFields {
  const tags = [...new Set([...image.tags.map(({ tag }) => tag), ...image.otherTags])];
  return { schemaVersion: SCHEMA_VERSION, tags, body: image };
}

/** A promotion's document. Its id is a field too: a query over all services finds it by that. */
export function toPromotionDocument(promotion: Promotion): StoredFields {
  const { id, createdAt, state } = promotion;
  return { schemaVersion: SCHEMA_VERSION, id, createdAt, state, body: promotion };
}

/** A timeline entry's document. */
export function toTimelineDocument(entry: TimelineEntry): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, since: entry.deployment.since, body: entry };
}

/** A backup's document. */
export function toBackupDocument(backup: Backup): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, startedAt: backup.startedAt, body: backup };
}

/** The document of a specification's text. */
export function toSpecDocument(spec: SpecText): StoredFields {
  return { schemaVersion: SCHEMA_VERSION, body: spec };
}

/** An audit record's document. What tells of something that happened is found over all services by its time. */
export function toAuditDocument(record: AuditRecord): StoredFields {
  const happened = isHappening(record) ? { happenedAt: record.time } : {};
  return { schemaVersion: SCHEMA_VERSION, ...happened, body: record };
}

/** The id of an audit record's document. */
export function auditDocumentId(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, "0");
}
