import type { Call } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { aggregate, type Aggregation } from "./aggregation.ts";
import { commit, type WriteResult } from "./commit.ts";
import { type Document, readDocument } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { requireIndexes } from "./index-rules.ts";
import { prepareQuery, type Query, runQuery } from "./query.ts";
import type { StructuredQuery } from "./query-request.ts";
import { type Reading, reading, type ReadSelector, toWire, type WireDocument } from "./reading.ts";
import { checkDatabase, checkDocumentName } from "./resource-name.ts";
import { toTimestampText } from "./timestamp.ts";
import { begin, rollback, type TransactionOptions } from "./transactions.ts";
import type { DocumentMask, Write } from "./write.ts";

/** What a query's request has beside the query. */
type QueryRequest = ReadSelector & { readonly parent?: string; readonly explainOptions?: object };

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

/** Works out figures over the results of a query. @throws GoogleError as `aggregate` does */
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
  return reading(engine, { call, selector: request }, async (how) => {
    const results = await lockResults(engine, how, { query, exclusive: false });
    const aggregateFields = aggregate(results, aggregations);
    engine.usage.reads += Math.max(1, Math.ceil(results.length / AGGREGATED_PER_READ));
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
