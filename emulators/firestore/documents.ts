import { googleError } from "../kit/google-error.ts";
import { packFields } from "./packed.ts";
import { collectionOf, idOf } from "./resource-name.ts";
import type { Fields } from "./value.ts";

/** A stored document. Times are microseconds since the epoch. */
export type Document = {
  readonly name: string;
  readonly fields: Fields;
  readonly createTime: number;
  readonly updateTime: number;
};

/** What one commit did to one document; null where it does not exist. */
export type Change = {
  readonly name: string;
  readonly before: Document | null;
  readonly after: Document | null;
};

type Version = { readonly time: number; readonly document: Document | null };

/** The versions of one document, oldest first; never empty. */
type History = { versions: readonly Version[]; truncated: boolean };

/** All documents of all databases, each with the versions of the past hour. */
export type Documents = {
  /** By collection name, then by document id. */
  readonly collections: Map<string, Map<string, History>>;
  /** Deletions that are still readable in the past, oldest first. */
  readonly deletions: { readonly name: string; readonly time: number }[];
  /** Nothing is known of what was before this time, in microseconds since the epoch. */
  knownSince: number;
  /** The time of the newest commit, also of one that only deletes. */
  changed: number;
};

/** The time to read at for the newest version. */
export const LATEST = Number.POSITIVE_INFINITY;

/**
 * How long old versions can be read.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#getdocumentrequest
 */
export const HISTORY_MICROS = 60 * 60 * 1_000_000;

/** A document that changes all the time must not fill the memory; the service has no such limit. */
const VERSIONS_MAX = 100;

/** A store without documents. */
export function emptyDocuments(): Documents {
  return { collections: new Map(), deletions: [], knownSince: 0, changed: 0 };
}

/** Every document there is, in no order. */
export function allDocuments(documents: Documents): readonly Document[] {
  return [...documents.collections.keys()].flatMap((name) => documentsIn(documents, name, LATEST));
}

/**
 * A document as it was at a time, or null when it did not exist.
 * @throws GoogleError FAILED_PRECONDITION when that version is forgotten.
 */
export function readDocument(documents: Documents, name: string, at: number): Document | null {
  checkKnown(documents, at);
  const history = documents.collections.get(collectionOf(name))?.get(idOf(name));
  return history === undefined ? null : versionAt(history, at);
}

/**
 * The documents of one collection as they were at a time, in no order.
 * @throws GoogleError FAILED_PRECONDITION when that version is forgotten.
 */
export function documentsIn(
  documents: Documents,
  collection: string,
  at: number,
): readonly Document[] {
  checkKnown(documents, at);
  const histories = documents.collections.get(collection);
  if (histories === undefined) {
    return [];
  }
  const found: Document[] = [];
  for (const history of histories.values()) {
    const document = versionAt(history, at);
    if (document !== null) {
      found.push(document);
    }
  }
  return found;
}

/** Stores what a commit changed, as of its time. */
export function applyChanges(documents: Documents, changes: readonly Change[], time: number): void {
  documents.changed = Math.max(documents.changed, time);
  for (const { name, after } of changes) {
    const document = after === null ? null : { ...after, fields: packFields(after.fields) };
    addVersion(documents, name, { time, document });
    if (after === null) {
      documents.deletions.push({ name, time });
    }
  }
  forgetDeletions(documents, time - HISTORY_MICROS);
}

/** Takes away every document and its past; from then on earlier times cannot be read. */
export function forgetAll(documents: Documents, time: number): void {
  documents.collections.clear();
  documents.deletions.length = 0;
  documents.knownSince = time;
}

function checkKnown(documents: Documents, at: number): void {
  if (at < documents.knownSince) {
    throw tooOld();
  }
}

function tooOld(): Error {
  return googleError("FAILED_PRECONDITION", "The requested 'read_time' is too old.");
}

function versionAt(history: History, at: number): Document | null {
  const version = history.versions.findLast(({ time }) => time <= at);
  if (version === undefined && history.truncated) {
    throw tooOld();
  }
  return version?.document ?? null;
}

function addVersion(documents: Documents, name: string, version: Version): void {
  const collection = collectionOf(name);
  const histories = documents.collections.get(collection) ?? new Map<string, History>();
  documents.collections.set(collection, histories);
  const history = histories.get(idOf(name));
  if (history === undefined) {
    histories.set(idOf(name), { versions: [version], truncated: false });
    return;
  }
  const horizon = version.time - HISTORY_MICROS;
  const kept = history.versions.slice(1 - VERSIONS_MAX);
  // The newest version from before the horizon is what a read at the horizon sees.
  const oldest = Math.max(
    0,
    kept.findLastIndex(({ time }) => time <= horizon),
  );
  const versions = kept.slice(oldest);
  history.truncated ||= versions.length < history.versions.length;
  history.versions = [...versions, version];
}

function forgetDeletions(documents: Documents, horizon: number): void {
  const { collections, deletions } = documents;
  while (deletions[0] !== undefined && deletions[0].time <= horizon) {
    const { name, time } = deletions[0];
    deletions.shift();
    const histories = collections.get(collectionOf(name));
    // Only when nothing was written to the name since.
    if (histories?.get(idOf(name))?.versions.at(-1)?.time === time) {
      histories.delete(idOf(name));
    }
    if (histories?.size === 0) {
      collections.delete(collectionOf(name));
    }
  }
}
