import { idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import { type FieldPath, valueAt } from "./field-path.ts";
import { NAME_FIELD } from "./query-request.ts";
import { collectionOf } from "./resource-name.ts";
import { Shelf } from "./shelf.ts";
import type { Fields, Value } from "./value.ts";

/** A document. Times are microseconds since the epoch. */
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

/** A version of a document, whose fields lie on a shelf. There are many, so none has more than it needs. */
class StoredDocument implements Document {
  readonly #collection: Collection;
  readonly #id: string;
  readonly #shelf: Shelf;
  readonly #place: number;
  readonly createTime: number;
  readonly updateTime: number;

  constructor(
    { fields, createTime, updateTime }: Document,
    {
      collection,
      id,
      shelf,
    }: { readonly collection: Collection; readonly id: string; readonly shelf: Shelf },
  ) {
    this.#collection = collection;
    this.#id = id;
    this.#shelf = shelf;
    this.#place = shelf.put(fields);
    this.createTime = createTime;
    this.updateTime = updateTime;
  }

  get name(): string {
    return `${this.#collection.name}/${this.#id}`;
  }

  get fields(): Fields {
    return this.#shelf.fieldsAt(this.#place);
  }

  /** The value at a path, for which the other fields need not be read. */
  valueAt(path: FieldPath): Value | undefined {
    return this.#shelf.valueAt(this.#place, path);
  }

  /** Takes the fields off the shelf: this version is not known any more. */
  forget(): void {
    this.#shelf.drop(this.#place);
  }
}

/** What a document is from a time on (null: it does not exist), and what it was before, if that is remembered. */
type Version = {
  readonly time: number;
  readonly document: StoredDocument | null;
  older: Version | "none" | "forgotten";
};

/** A collection, with the newest version of each id. */
type Collection = { readonly name: string; readonly newest: Map<string, Version> };

/** All documents of all databases, each with the versions of the past hour. */
export type Documents = {
  /** By name. */
  readonly collections: Map<string, Collection>;
  readonly shelf: Shelf;
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
export function emptyDocuments(shelf = new Shelf()): Documents {
  return {
    collections: new Map(),
    shelf,
    deletions: [],
    knownSince: 0,
    changed: 0,
  };
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
  const newest = documents.collections.get(collectionOf(name))?.newest.get(idOf(name));
  return newest === undefined ? null : documentAt(newest, at);
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
  const found: Document[] = [];
  for (const newest of documents.collections.get(collection)?.newest.values() ?? []) {
    const document = documentAt(newest, at);
    if (document !== null) {
      found.push(document);
    }
  }
  return found;
}

/** The value of a document at a path, where `__name__` is a reference to the document itself. */
export function documentValue(document: Document, path: FieldPath): Value | undefined {
  if (path[0] === NAME_FIELD) {
    return { referenceValue: document.name };
  }
  return document instanceof StoredDocument
    ? document.valueAt(path)
    : valueAt(document.fields, path);
}

/** Stores what a commit changed, as of its time. */
export function applyChanges(documents: Documents, changes: readonly Change[], time: number): void {
  documents.changed = Math.max(documents.changed, time);
  for (const { name, after } of changes) {
    addVersion(documents, { name, after }, time);
    if (after === null) {
      documents.deletions.push({ name, time });
    }
  }
  forgetDeletions(documents, time - HISTORY_MICROS);
}

/** Takes away every document and its past; from then on earlier times cannot be read. */
export function forgetAll(documents: Documents, time: number): void {
  for (const { newest } of documents.collections.values()) {
    newest.forEach(forgetAllFrom);
  }
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

function documentAt(newest: Version, at: number): StoredDocument | null {
  let version: Version["older"] = newest;
  while (typeof version === "object" && version.time > at) {
    version = version.older;
  }
  if (version === "forgotten") {
    throw tooOld();
  }
  return version === "none" ? null : version.document;
}

function addVersion(
  { collections, shelf }: Documents,
  { name, after }: Pick<Change, "name" | "after">,
  time: number,
): void {
  const path = collectionOf(name);
  const collection: Collection = collections.get(path) ?? { name: path, newest: new Map() };
  collections.set(path, collection);
  // A text of its own: a part of the name would keep all of that in memory.
  const id = Buffer.from(idOf(name)).toString();
  const document = after && new StoredDocument(after, { collection, id, shelf });
  const version: Version = { time, document, older: collection.newest.get(id) ?? "none" };
  collection.newest.set(id, version);
  forgetOlder(version, time - HISTORY_MICROS);
}

/** Keeps the newest versions, back to the one that a read at the horizon sees. */
function forgetOlder(newest: Version, horizon: number): void {
  let last = newest;
  for (let count = 1; count < VERSIONS_MAX && typeof last.older === "object"; count += 1) {
    last = last.older;
    if (last.time <= horizon) {
      break;
    }
  }
  if (forgetAllFrom(last.older)) {
    last.older = "forgotten";
  }
}

function forgetAllFrom(version: Version["older"]): boolean {
  let older = version;
  while (typeof older === "object") {
    older.document?.forget();
    older = older.older;
  }
  return version !== "none";
}

function forgetDeletions(documents: Documents, horizon: number): void {
  const { collections, deletions } = documents;
  while (deletions[0] !== undefined && deletions[0].time <= horizon) {
    const { name, time } = deletions[0];
    deletions.shift();
    const newest = collections.get(collectionOf(name))?.newest;
    const version = newest?.get(idOf(name));
    // Only when nothing was written to the name since.
    if (version?.time === time) {
      forgetAllFrom(version);
      newest?.delete(idOf(name));
    }
    if (newest?.size === 0) {
      collections.delete(collectionOf(name));
    }
  }
}
