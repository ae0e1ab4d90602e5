import { randomBytes } from "node:crypto";
import type { Call } from "../kit/call.ts";
import { GoogleError, googleError, statusCode, toGoogleError } from "../kit/google-error.ts";
import { commit, type Committed, type WriteResult } from "./commit.ts";
import type { Document } from "./documents.ts";
import { LATEST, readDocument } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { checkDocumentName, checkId, checkParent, databaseOf } from "./resource-name.ts";
import { toTimestampText } from "./timestamp.ts";
import { begin, rollback, type TransactionOptions } from "./transactions.ts";
import type { Fields } from "./value.ts";
import { toWire, type WireDocument } from "./wire-document.ts";
import { type DocumentMask, type Precondition, targetOf, type Write } from "./write.ts";

const AUTO_ID_LENGTH = 20;

/** Commits writes, in a transaction if the request names one. */
export async function commitWrites(
  engine: Engine,
  request: {
    readonly database?: string;
    readonly writes?: readonly Write[];
    readonly transaction?: string;
  },
  call: Call,
): Promise<{ readonly writeResults: readonly WriteResult[]; readonly commitTime: string }> {
  const { database, writes = [], transaction } = request;
  const committed = await run(engine, call, { database, writes, transaction });
  return { writeResults: committed.results, commitTime: toTimestampText(committed.time) };
}

/**
 * Applies each write for itself; one that is refused does not stop the others.
 * @throws GoogleError INVALID_ARGUMENT when two writes are about one document.
 */
export async function batchWrite(
  engine: Engine,
  request: { readonly database?: string; readonly writes?: readonly Write[] },
  call: Call,
): Promise<{ readonly writeResults: readonly WriteResult[]; readonly status: readonly object[] }> {
  const { database, writes = [] } = request;
  const names = writes.map((write) => targetOf(write, database ?? ""));
  if (new Set(names).size < names.length) {
    throw googleError(
      "INVALID_ARGUMENT",
      "the same document cannot be written more than once in a single request",
    );
  }
  const outcomes = await Promise.all(
    writes.map((write) => run(engine, call, { database, writes: [write] }).catch(toGoogleError)),
  );
  return {
    writeResults: outcomes.map((one) => (one instanceof GoogleError ? {} : (one.results[0] ?? {}))),
    status: outcomes.map((one) =>
      one instanceof GoogleError ? { code: statusCode(one.status), message: one.message } : {},
    ),
  };
}

/** Begins a transaction; one that may also write unless the request says otherwise. */
export function beginTransaction(
  engine: Engine,
  request: { readonly options?: TransactionOptions },
  call: Call,
): { readonly transaction: string } {
  return { transaction: begin(engine, request.options ?? {}, call.connection).id };
}

/** Ends a transaction without writing. Ending one that is over already does nothing. */
export function rollbackTransaction(
  engine: Engine,
  request: { readonly transaction?: string },
): object {
  rollback(engine, request.transaction ?? "");
  return {};
}

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
  const write = {
    update: { name, fields: request.document?.fields ?? {} },
    currentDocument: { exists: false },
  };
  return writeOne(engine, call, { name, write, mask: request.mask });
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
  const { document = {}, updateMask, currentDocument, mask } = request;
  const name = checkDocumentName(document.name);
  const write = {
    update: document,
    ...(updateMask === undefined ? {} : { updateMask }),
    ...(currentDocument === undefined ? {} : { currentDocument }),
  };
  return writeOne(engine, call, { name, write, mask });
}

/** Deletes a document. */
export async function deleteDocument(
  engine: Engine,
  request: { readonly name?: string; readonly currentDocument?: Precondition },
  call: Call,
): Promise<object> {
  const name = checkDocumentName(request.name);
  const { currentDocument } = request;
  const write = { delete: name, ...(currentDocument === undefined ? {} : { currentDocument }) };
  await run(engine, call, { database: databaseOf(name), writes: [write] });
  return {};
}

async function writeOne(
  engine: Engine,
  call: Call,
  {
    name,
    write,
    mask,
  }: { readonly name: string; readonly write: Write; readonly mask: DocumentMask | undefined },
): Promise<WireDocument> {
  await run(engine, call, { database: databaseOf(name), writes: [write] });
  const written: Document | null = readDocument(engine.documents, name, LATEST);
  if (written === null) {
    throw googleError("NOT_FOUND", `Document (${name}) not found.`);
  }
  return toWire(written, mask);
}

async function run(
  engine: Engine,
  { method, signal }: Call,
  request: Parameters<typeof commit>[1],
): Promise<Committed> {
  return commit({ engine, signal, method }, request);
}

function autoId(): string {
  return randomBytes(AUTO_ID_LENGTH).toString("hex").slice(0, AUTO_ID_LENGTH);
}
