import type { Call } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { aggregate, type Aggregation } from "./aggregation.ts";
import type { Document } from "./documents.ts";
import { countReads, type Engine } from "./engine.ts";
import { requireIndexes } from "./index-rules.ts";
import { rangeOf } from "./locked-range.ts";
import { prepareQuery, type Query, runQuery } from "./query.ts";
import type { Cursor, StructuredQuery } from "./query-request.ts";
import { type Reading, reading, type ReadSelector } from "./reading.ts";
import { toWire } from "./wire-document.ts";

/** What a query's request has beside the query. */
type QueryRequest = ReadSelector & { readonly parent?: string; readonly explainOptions?: object };

/**
 * How many documents of an aggregation are billed as one read.
 * Source: https://firebase.google.com/docs/firestore/pricing
 */
const AGGREGATED_PER_READ = 1000;

const PAGES = { defaultSize: 300, maxSize: 1000 };

/** Runs a query: one answer for each result, or one without a document when there is none. */
export async function runQueryRequest(
  engine: Engine,
  request: QueryRequest & { readonly structuredQuery?: StructuredQuery },
  call: Call,
): Promise<readonly object[]> {
  refuseExplain(request);
  const query = prepareQuery(request.parent, request.structuredQuery ?? {});
  requireIndexes(engine.admin, request.parent, request.structuredQuery ?? {});
  const caller = { engine, signal: call.signal, connection: call.connection };
  return reading(caller, request, async (how) => {
    const results = await lockResults(engine, how, { query, exclusive: true });
    countReads(engine, call.method, Math.max(1, results.length));
    const readTime = how.readTime();
    const answers = results.map((document) => ({
      document: toWire(query.project(document)),
      readTime,
    }));
    return withBegun(how, answers.length === 0 ? [{ readTime }] : answers);
  });
}

/** Runs an aggregation over the results of a query. */
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
  refuseExplain(request);
  const { structuredQuery = {}, aggregations = [] } = request.structuredAggregationQuery ?? {};
  const query = prepareQuery(request.parent, structuredQuery);
  requireIndexes(engine.admin, request.parent, structuredQuery);
  const caller = { engine, signal: call.signal, connection: call.connection };
  return reading(caller, request, async (how) => {
    const results = await lockResults(engine, how, { query, exclusive: false });
    const aggregateFields = aggregate(results, aggregations);
    const reads = Math.max(1, Math.ceil(results.length / AGGREGATED_PER_READ));
    countReads(engine, call.method, reads);
    return withBegun(how, [{ result: { aggregateFields }, readTime: how.readTime() }]);
  });
}

/**
 * Cuts a query over a collection group into parts of about equal size.
 * @throws GoogleError INVALID_ARGUMENT when it is no such query or the count is not positive.
 */
export async function partitionQuery(
  engine: Engine,
  request: QueryRequest & {
    readonly structuredQuery?: StructuredQuery;
    readonly partitionCount?: string | number;
    readonly pageSize?: number;
    readonly pageToken?: string;
  },
  call: Call,
): Promise<{ readonly partitions: readonly Cursor[]; readonly nextPageToken: string }> {
  const { structuredQuery = {} } = request;
  const wanted = Number(request.partitionCount ?? 0);
  if (structuredQuery.from?.[0]?.allDescendants !== true || wanted <= 0) {
    throw googleError(
      "INVALID_ARGUMENT",
      "PartitionQuery needs a collection group and a positive partition_count.",
    );
  }
  const query = prepareQuery(request.parent, structuredQuery);
  const caller = { engine, signal: call.signal, connection: call.connection };
  const results = await reading(caller, request, async ({ at }) =>
    runQuery(query, engine.documents, at),
  );
  countReads(engine, call.method, 1);
  const page = paginate(splitPoints(results, wanted), request, PAGES);
  return { partitions: page.items, nextPageToken: page.nextPageToken };
}

/** In a transaction that writes, locks what the query reads; results are then to the caller alone. */
async function lockResults(
  engine: Engine,
  how: Reading,
  { query, exclusive }: { readonly query: Query; readonly exclusive: boolean },
): Promise<readonly Document[]> {
  let results: readonly Document[] = [];
  await how.lock(() => {
    results = runQuery(query, engine.documents, how.at);
    const documents = exclusive ? results.map(({ name }) => name) : [];
    return { documents, range: rangeOf(query, results) };
  });
  return results;
}

function withBegun(how: Reading, answers: readonly object[]): readonly object[] {
  return how.began === null ? answers : [{ transaction: how.began }, ...answers];
}

function splitPoints(results: readonly Document[], wanted: number): readonly Cursor[] {
  const count = Math.min(wanted, results.length - 1);
  const points: Cursor[] = [];
  for (let index = 1; index <= count; index += 1) {
    const document = results[Math.floor((index * results.length) / (count + 1))];
    if (document !== undefined) {
      points.push({ values: [{ referenceValue: document.name }], before: true });
    }
  }
  return points;
}

function refuseExplain({ explainOptions }: QueryRequest): void {
  if (explainOptions !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement explain_options.");
  }
}
