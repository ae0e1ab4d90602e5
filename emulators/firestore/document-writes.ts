import { randomBytes } from "node:crypto";
import type { Call } from "../kit/call.ts";
import { GoogleError, googleError, statusCode, toGoogleError } from "../kit/google-error.ts";
import { commit, type Committed, type WriteResult } from "./commit.ts";
import { LATEST, readDocument } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { toWire, type WireDocument } from "./reading.ts";
import { checkDocumentName, checkId, checkParent, databaseOf } from "./resource-name.ts";
import type { Fields } from "./value.ts";
import { type DocumentMask, type Precondition, targetOf, type Write } from "./write.ts";

const AUTO_ID_LENGTH = 20;

/** Creates a document, with an id of its own when the request gives none. */
export async function createDocument(
  engine: Engine,
  request: {
    readonly parent?: string;
    readonly collectionId?: string;
    readonly documentId?: string;
    readonly document?: { readonly name?: string; readonly fields?: Fields };
    readonly mask?: DocumentMask;
  },
  call: Call,
): Promise<WireDocument> {
  const parent = checkParent(request.parent);
  if ((request.document?.name ?? "") !== "") {
    throw googleError("INVALID_ARGUMENT", "document.name must not be set");
  }
  const { documentId = "" } = request;
  const id = documentId === "" ? autoId() : checkId(documentId);
  const name = `${parent}/${checkId(request.collectionId ?? "")}/${id}`;
  const update = { name, fields: request.document?.fields ?? {} };
  await commitOne(engine, { update, currentDocument: { exists: false } }, call);
  return written(engine, name, request.mask);
}

/** Creates or changes a document. */
export async function updateDocument(
  engine: Engine,
  request: {
    readonly document?: { readonly name?: string; readonly fields?: Fields };
    readonly updateMask?: DocumentMask;
    readonly mask?: DocumentMask;
    readonly currentDocument?: Precondition;
  },
  call: Call,
): Promise<WireDocument> {
  const { document: update = {}, mask, updateMask, currentDocument } = request;
  const name = checkDocumentName(update.name);
  const masked = updateMask === undefined ? {} : { updateMask };
  await commitOne(engine, { update, ...masked, ...when(currentDocument) }, call);
  return written(engine, name, mask);
}

/** Deletes a document. */
export async function deleteDocument(
  engine: Engine,
  request: { readonly name?: string; readonly currentDocument?: Precondition },
  call: Call,
): Promise<object> {
  const name = checkDocumentName(request.name);
  await commitOne(engine, { delete: name, ...when(request.currentDocument) }, call);
  return {};
}

/**
 * Does each write for itself: one that is refused does not stop the others.
 * @throws GoogleError INVALID_ARGUMENT when two writes are about one document.
 */
export async function batchWrite(
  engine: Engine,
  request: { readonly database?: string; readonly writes?: readonly Write[] },
  call: Call,
): Promise<{ readonly writeResults: readonly WriteResult[]; readonly status: readonly object[] }> {
  const { database = "", writes = [] } = request;
  const names = writes.map((write) => targetOf(write, database));
  if (new Set(names).size < names.length) {
    throw googleError(
      "INVALID_ARGUMENT",
      "the same document cannot be written more than once in a single request",
    );
  }
  const outcomes = await Promise.all(
    writes.map((write) => commitOne(engine, write, call).catch(toGoogleError)),
  );
  return {
    writeResults: outcomes.map((one) => (one instanceof GoogleError ? {} : (one.results[0] ?? {}))),
    status: outcomes.map((one) =>
      one instanceof GoogleError ? { code: statusCode(one.status), message: one.message } : {},
    ),
  };
}

function when(currentDocument: Precondition | undefined): Pick<Write, "currentDocument"> {
  return currentDocument === undefined ? {} : { currentDocument };
}

async function commitOne(engine: Engine, write: Write, call: Call): Promise<Committed> {
  const database = databaseOf(write.update?.name ?? write.delete ?? "");
  return commit(engine, { database, writes: [write] }, call.signal);
}

/** A document that was just written, as it is now: another caller may have deleted it since. */
function written(engine: Engine, name: string, mask: DocumentMask | undefined): WireDocument {
  const document = readDocument(engine.documents, name, LATEST);
  if (document === null) {
    throw googleError("NOT_FOUND", `Document (${name}) not found.`);
  }
  return toWire(document, mask);
}

function autoId(): string {
  return randomBytes(AUTO_ID_LENGTH).toString("hex").slice(0, AUTO_ID_LENGTH);
}
