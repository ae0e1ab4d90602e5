import { isDeepStrictEqual } from "node:util";
import { googleError } from "../kit/google-error.ts";
import { checkDocument } from "./document-limits.ts";
import type { Document } from "./documents.ts";
import { parseMask, valueAt, withValueAt } from "./field-path.ts";
import { normalizeFields } from "./normalize.ts";
import { checkDocumentName } from "./resource-name.ts";
import { toMicros } from "./timestamp.ts";
import { applyTransforms, type FieldTransform, type Transformed } from "./transform.ts";
import type { Fields, Value } from "./value.ts";

/** What must be true of a document for a write to happen. */
export type Precondition = { readonly exists?: boolean; readonly updateTime?: string };

/** The field paths that a request means. */
export type DocumentMask = { readonly fieldPaths?: readonly string[] };

/**
 * One write of a commit.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/Write
 */
export type Write = {
  readonly update?: { readonly name?: string; readonly fields?: Fields };
  readonly delete?: string;
  readonly transform?: object;
  readonly updateMask?: DocumentMask;
  readonly updateTransforms?: readonly FieldTransform[];
  readonly currentDocument?: Precondition;
};

/** What a write makes of a document (null: it is gone) and what its transforms answer. */
export type Written = {
  readonly document: Document | null;
  readonly transformResults: readonly Value[];
};

/**
 * The most transforms in one write.
 * Source: https://cloud.google.com/firestore/quotas
 */
const TRANSFORMS_MAX = 500;

/**
 * The name of the document that a write is about.
 * @throws GoogleError INVALID_ARGUMENT when there is none, it is malformed, or in another database.
 */
export function targetOf(write: Write, database: string): string {
  checkForm(write);
  return checkDocumentName(write.update?.name ?? write.delete, database);
}

/** @throws GoogleError INVALID_ARGUMENT for a write that does nothing, or has what its kind cannot have. */
function checkForm({ update, delete: doomed, transform, updateMask }: Write): void {
  if (transform !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement Write.transform.");
  }
  if (update === undefined && doomed === undefined) {
    throw googleError("INVALID_ARGUMENT", "empty write operation");
  }
  if (update === undefined && updateMask !== undefined) {
    throw googleError("INVALID_ARGUMENT", "a delete must not specify a document mask.");
  }
}

/**
 * What a write makes of a document. Nothing is changed here.
 * @param time Of the commit, in microseconds since the epoch.
 * @throws GoogleError ALREADY_EXISTS, NOT_FOUND or FAILED_PRECONDITION when the precondition does not
 * hold, INVALID_ARGUMENT when the document may not be stored.
 */
export function applyWrite(
  target: { readonly name: string; readonly current: Document | null },
  write: Write,
  time: number,
): Written {
  const { name, current } = target;
  checkPrecondition(name, current, write.currentDocument);
  if (write.delete !== undefined) {
    return { document: null, transformResults: [] };
  }
  const { fields, results } = writtenFields(current, write, time);
  checkDocument(name, fields);
  if (current !== null && isDeepStrictEqual(current.fields, fields)) {
    return { document: current, transformResults: results };
  }
  const createTime = current?.createTime ?? time;
  return {
    document: { name, fields, createTime, updateTime: time },
    transformResults: results,
  };
}

function checkPrecondition(
  name: string,
  current: Document | null,
  { exists, updateTime }: Precondition = {},
): void {
  if (exists === false && current !== null) {
    throw googleError("ALREADY_EXISTS", `Document already exists: ${name}`);
  }
  if (exists === true && current === null) {
    throw googleError("NOT_FOUND", `No document to update: ${name}`);
  }
  if (updateTime === undefined) {
    return;
  }
  const required = toMicros(updateTime);
  const stored = current?.updateTime ?? 0;
  if (required !== stored) {
    throw googleError(
      "FAILED_PRECONDITION",
      `the stored version (${stored}) does not match the required base version (${required})`,
    );
  }
}

function writtenFields(current: Document | null, write: Write, time: number): Transformed {
  const before = current?.fields ?? {};
  const { updateTransforms: transforms = [] } = write;
  if (transforms.length > TRANSFORMS_MAX) {
    throw googleError(
      "INVALID_ARGUMENT",
      `A document may have at most ${TRANSFORMS_MAX} field transforms, but has ${transforms.length}.`,
    );
  }
  return applyTransforms(updatedFields(before, write), transforms, time);
}

function updatedFields(before: Fields, write: Write): Fields {
  const given = normalizeFields(write.update?.fields ?? {});
  if (write.updateMask === undefined) {
    return given;
  }
  let fields = before;
  for (const path of parseMask(write.updateMask.fieldPaths ?? [])) {
    fields = withValueAt(fields, path, valueAt(given, path));
  }
  return fields;
}
