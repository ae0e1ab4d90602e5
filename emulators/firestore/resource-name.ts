import { googleError } from "../kit/google-error.ts";

/**
 * The longest id of a document or collection, in bytes of UTF-8.
 * Source: https://cloud.google.com/firestore/quotas
 */
const ID_BYTES_MAX = 1500;

/**
 * The longest name of a document, in bytes of UTF-8.
 * Source: https://cloud.google.com/firestore/quotas
 */
const NAME_BYTES_MAX = 6 * 1024;

/** `projects/P/databases/D/documents` has this many segments. */
const ROOT_SEGMENTS = 5;

const DATABASE = /^projects\/[^/]+\/databases\/[^/]+$/;

/** The collection that a document is in: its name without the last segment. */
export function collectionOf(documentName: string): string {
  return documentName.slice(0, documentName.lastIndexOf("/"));
}

/** The database that a name is in, as `projects/P/databases/D`. */
export function databaseOf(name: string): string {
  return name.split("/", ROOT_SEGMENTS - 1).join("/");
}

/**
 * Checks the name of a database.
 * @throws GoogleError INVALID_ARGUMENT when it is none.
 */
export function checkDatabase(name: string | undefined): string {
  if (name === undefined || !DATABASE.test(name)) {
    throw refusal(`Invalid database name "${name ?? ""}".`);
  }
  return name;
}

/**
 * Checks the name of a document, and that it is in a database when one is given.
 * Source: https://cloud.google.com/firestore/quotas
 * @throws GoogleError INVALID_ARGUMENT when it is none or is elsewhere.
 */
export function checkDocumentName(name: string | undefined, database?: string): string {
  const text = name ?? "";
  const segments = checkUnderRoot(text, "Document");
  if (segments.length === 0 || segments.length % 2 === 1) {
    throw refusal(`Document name "${text}" lacks "/" at index ${text.length}.`);
  }
  if (database !== undefined && databaseOf(text) !== database) {
    throw refusal(`Document name "${text}" is not in the database "${database}".`);
  }
  return text;
}

/**
 * Checks what a reference refers to, which may be in another database.
 * @throws GoogleError INVALID_ARGUMENT when it is not the name of a document.
 */
export function checkReference(name: string): string {
  if (!name.startsWith("projects/")) {
    throw refusal(`Resource name "${name}" lacks "projects" at index 0.`);
  }
  const segments = checkUnderRoot(name, "Resource", checkReferredId);
  if (segments.length === 0 || segments.length % 2 === 1) {
    throw refusal(`Resource name "${name}" lacks "/" at index ${name.length}.`);
  }
  return name;
}

/**
 * Checks the name of a parent: the root of a database's documents, or a document.
 * @throws GoogleError INVALID_ARGUMENT when it is neither.
 */
export function checkParent(name: string | undefined): string {
  const text = name ?? "";
  if (checkUnderRoot(text, "Parent").length % 2 === 1) {
    throw refusal(`Parent name "${text}" lacks "/" at index ${text.length}.`);
  }
  return text;
}

/**
 * Checks the id of a collection or document.
 * @throws GoogleError INVALID_ARGUMENT when it is empty, too long, has a slash, or is reserved.
 */
export function checkId(id: string): string {
  if (id === "" || id === "." || id === ".." || id.includes("/")) {
    throw refusal(`Resource id "${id}" is invalid.`);
  }
  if (/^__.*__$/s.test(id)) {
    throw refusal(`Resource id "${id}" is invalid because it is reserved.`);
  }
  if (Buffer.byteLength(id) > ID_BYTES_MAX) {
    throw refusal(`The key path element name is longer than ${ID_BYTES_MAX} bytes.`);
  }
  return id;
}

/** The ids below the root of the documents, checked. */
function checkUnderRoot(
  name: string,
  kind: string,
  check: (id: string) => string = checkId,
): readonly string[] {
  const segments = name.split("/");
  const database = segments.slice(0, ROOT_SEGMENTS - 1).join("/");
  if (!DATABASE.test(database) || segments[ROOT_SEGMENTS - 1] !== "documents") {
    throw refusal(`${kind} name "${name}" is not under "projects/*/databases/*/documents".`);
  }
  const ids = segments.slice(ROOT_SEGMENTS);
  ids.forEach((id) => check(id));
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw refusal(`${kind} name is longer than ${NAME_BYTES_MAX} bytes.`);
  }
  return ids;
}

/** Google's clients bound what they look for by the lowest number that an id can be. */
function checkReferredId(id: string): string {
  return /^__id-?\d+__$/.test(id) ? id : checkId(id);
}

function refusal(message: string): Error {
  return googleError("INVALID_ARGUMENT", message);
}
