import { randomBytes } from "node:crypto";
import type { Call } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { commit, type WriteResult } from "./commit.ts";
import { type Document, LATEST, readDocument } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { requireIndexes } from "./index-rules.ts";
import { prepareQuery, type Query, runQuery } from "./query.ts";
import type { StructuredQuery } from "./query-request.ts";
import { type Reading, reading, type ReadSelector, toWire, type WireDocument } from "./reading.ts";
import {
  checkDatabase,
  checkDocumentName,
  checkId,
  checkParent,
  databaseOf,
} from "./resource-name.ts";
import { toTimestampText } from "./timestamp.ts";
import { begin, rollback, type TransactionOptions } from "./transactions.ts";
import type { Fields } from "./value.ts";
import type { DocumentMask, Precondition, Write } from "./write.ts";

/** What a query's request has beside the query. */
type QueryRequest = ReadSelector & { readonly parent?: string; readonly explainOptions?: object };

/** One figure over the results of a query. */
type Aggregation = {
  readonly alias?: string;
  readonly count?: { readonly upTo?: string | number };
};

const AUTO_ID_LENGTH = 20;

/**
 * How many documents of an aggregation are billed as one read.
 * Source: https://firebase.google.com/docs/firestore/pricing
 */
const AGGREGATED_PER_READ = 1000;

/**
 * Reads one document.
 * @throws GoogleError NOT_FOUND when it does not exist, and as `reading` does.
 */
export async function getDocument(
  engine: Engine,
  request: ReadSelector & { readonly name?: string; readonly mask?: DocumentMask },
  call: Call,
): Promise<WireDocument> {
  const name = checkDocumentName(request.name);
  const [document = null] = await reading(engine, { call, selector: request }, (how) =>
    readAll(engine, how, [name]),
  );
  if (document === null) {
    throw googleError("NOT_FOUND", `Document (${name}) not found.`);
  }
  return toWire(document, request.mask);
}

/** Reads documents by name: one answer for each, after one with the transaction if it began one. */
export async function batchGetDocuments(
  engine: Engine,
  request: ReadSelector & {
    readonly database?: string;
    readonly documents?: readonly string[];
    readonly mask?: DocumentMask;
  },
  call: Call,
): Promise<readonly object[]> {
  const database = checkDatabase(request.database);
  const given = (request.documents ?? []).map((name) => checkDocumentName(name, database));
  const names = [...new Set(given)];
  return reading(engine, { call, selector: request }, async (how) => {
    const documents = await readAll(engine, how, names);
    const readTime = how.readTime();
    const answers = documents.map((document, index) =>
      document === null
        ? { missing: names[index], readTime }
        : { found: toWire(document, request.mask), readTime },
    );
    return withBegun(how, answers);
  });
}

/** Runs a query: one answer for each result, or one without a document when there is none. */
export async function runQueryRequest(
  engine: Engine,
  request: QueryRequest & { readonly structuredQuery?: StructuredQuery },
  call: Call,
): Promise<readonly object[]> {
  const query = checkQuery(engine, request, request.structuredQuery);
  return reading(engine, { call, selector: request }, async (how) => {
    const results = await lockResults(engine, how, { query, exclusive: true });
    engine.usage.reads += Math.max(1, results.length);
    const readTime = how.readTime();
    const answers = results.map((document) => ({
      document: toWire(document, query.mask),
      readTime,
    }));
    return withBegun(how, answers.length === 0 ? [{ readTime }] : answers);
  });
}

/**
 * Counts the results of a query.
 * @throws GoogleError UNIMPLEMENTED for any other aggregation.
 */
export async function runAggregationQuery(
  engine: Engine,
  request: QueryRequest & {
    readonly structuredAggregationQuery?: {
      readonly structuredQuery?: StructuredQuery;
      readonly aggregations?: readonly Aggregation[];
    };
  },
  call: Call,
): Promise<readonly object[]> {
  const { structuredQuery, aggregations = [] } = request.structuredAggregationQuery ?? {};
  const query = checkQuery(engine, request, structuredQuery);
  const [{ alias = "field_1", count } = {}] = aggregations;
  if (aggregations.length !== 1 || count === undefined || count.upTo !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator implements no aggregation but one count.");
  }
  return reading(engine, { call, selector: request }, async (how) => {
    const results = await lockResults(engine, how, { query, exclusive: false });
    engine.usage.reads += Math.max(1, Math.ceil(results.length / AGGREGATED_PER_READ));
    const aggregateFields = { [alias]: { integerValue: String(results.length) } };
    return withBegun(how, [{ result: { aggregateFields }, readTime: how.readTime() }]);
  });
}

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
  const { time, results } = await commit(engine, request, call.signal);
  return { writeResults: results, commitTime: toTimestampText(time) };
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

function when(currentDocument: Precondition | undefined): Pick<Write, "currentDocument"> {
  return currentDocument === undefined ? {} : { currentDocument };
}

async function commitOne(engine: Engine, write: Write, call: Call): Promise<void> {
  const database = databaseOf(write.update?.name ?? write.delete ?? "");
  await commit(engine, { database, writes: [write] }, call.signal);
}

/** A document that was just written, as it is now: another caller may have deleted it since. */
function written(engine: Engine, name: string, mask: DocumentMask | undefined): WireDocument {
  const document = readDocument(engine.documents, name, LATEST);
  if (document === null) {
    throw googleError("NOT_FOUND", `Document (${name}) not found.`);
  }
  return toWire(document, mask);
}

async function readAll(
  engine: Engine,
  how: Reading,
  names: readonly string[],
): Promise<readonly (Document | null)[]> {
  await how.lock(() => ({ documents: names }));
  engine.usage.reads += names.length;
  return names.map((name) => readDocument(engine.documents, name, how.at));
}

function checkQuery(
  { admin }: Engine,
  { parent, explainOptions }: QueryRequest,
  structuredQuery: StructuredQuery = {},
): Query {
  if (explainOptions !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement explain_options.");
  }
  const query = prepareQuery(parent, structuredQuery);
  requireIndexes(admin, parent, structuredQuery);
  return query;
}

/** In a transaction that writes, locks what the query reads; results are then to the caller alone. */
export async function lockResults(
  engine: Engine,
  how: Reading,
  { query, exclusive }: { readonly query: Query; readonly exclusive: boolean },
): Promise<readonly Document[]> {
  let results: readonly Document[] = [];
  await how.lock(() => {
    results = runQuery(query, engine.documents, how.at);
    return { documents: exclusive ? results.map(({ name }) => name) : [], query };
  });
  return results;
}

function withBegun(how: Reading, answers: readonly object[]): readonly object[] {
  return how.began === null ? answers : [{ transaction: how.began }, ...answers];
}

function autoId(): string {
  return randomBytes(AUTO_ID_LENGTH).toString("hex").slice(0, AUTO_ID_LENGTH);
}
