import { expect } from "vitest";
import { type Checks, type Opened, ROOT } from "./firestore-bench.ts";

/** A request of the REST interface. The client of Node would not even send most of these. */
type Asked = readonly [path: string, body?: object];

const DOCUMENT = `${ROOT}/requests/a`;
const OTHER_DATABASE = "projects/acme-delivery/databases/other/documents/requests/a";
const ONE = { integerValue: "1" };

const DEPTH_MAX = 20;
const VALUE_BYTES_MAX = 1_048_487;
const ENTRIES_MAX = 40_000;

function write(fields: object, more: object = {}): Asked {
  return [`${ROOT}:commit`, { writes: [{ update: { name: DOCUMENT, fields }, ...more }] }];
}

function refer(referenceValue: string): Asked {
  return write({ reference: { referenceValue } });
}

function masked(...fieldPaths: readonly string[]): Asked {
  return write({}, { updateMask: { fieldPaths } });
}

function transform(...updateTransforms: readonly object[]): Asked {
  return write({}, { updateTransforms });
}

function query(structuredQuery: object): Asked {
  const from = [{ collectionId: "requests" }];
  return [`${ROOT}:runQuery`, { structuredQuery: { from, ...structuredQuery } }];
}

/** The same figure several times, each under a name of its own or all under one. */
function figures(count: number, figure: object, alias?: string): Asked {
  const aggregations = Array.from({ length: count }, (_, n) =>
    Object.assign({ alias: alias ?? `f${n}` }, figure),
  );
  const structuredQuery = { from: [{ collectionId: "requests" }] };
  const structuredAggregationQuery = { structuredQuery, aggregations };
  return [`${ROOT}:runAggregationQuery`, { structuredAggregationQuery }];
}

function batch(...names: readonly string[]): Asked {
  const writes = names.map((name) => ({ update: { name, fields: {} } }));
  return [`${ROOT}:batchWrite`, { writes }];
}

function named(op: string, value: object): Asked {
  return query({ where: { fieldFilter: { field: { fieldPath: "__name__" }, op, value } } });
}

function startAt(fieldPath: string, ...values: readonly object[]): Asked {
  return query({ orderBy: [{ field: { fieldPath } }], startAt: { values } });
}

function create(documentId: string, name?: string): Asked {
  return [
    `${ROOT}/requests?documentId=${documentId}`,
    { fields: {}, ...(name === undefined ? {} : { name }) },
  ];
}

function nested(depth: number): object {
  return depth === 0 ? ONE : { mapValue: { fields: { inner: nested(depth - 1) } } };
}

/** So many elements are as many index entries. */
function list(length: number): Asked {
  return write({ list: ones(length) });
}

const ADD = { increment: ONE };

function where(op: string, value: object): object {
  return { fieldFilter: { field: { fieldPath: "n" }, op, value } };
}

function both(...filters: readonly object[]): Asked {
  return query({ where: { compositeFilter: { op: "AND", filters } } });
}

function ones(length: number): object {
  return { arrayValue: { values: Array.from({ length }, () => ONE) } };
}

function order(...paths: readonly string[]): Asked {
  return query({ orderBy: paths.map((fieldPath) => ({ field: { fieldPath } })) });
}

const TAKEN: Readonly<Record<string, Asked>> = {
  "a reference to a document of another database is kept": refer(OTHER_DATABASE),
  "a reference to the lowest id is kept": refer(`${ROOT}/requests/__id-9223372036854775808__`),
  "a document without a name in it is created": create("created"),
  "a mask quotes what is no plain name": masked("`1a`", "plain.`a-b`"),
  "a mask may name a field twice, and one in it": masked("a", "a", "a.b"),
  "one field is transformed twice": transform(
    { fieldPath: "n", ...ADD },
    { fieldPath: "n", ...ADD },
  ),
  "a name is compared with references": named("IN", {
    arrayValue: { values: [{ referenceValue: DOCUMENT }] },
  }),
  "a cursor has as many values as there are orders": startAt("__name__", {
    referenceValue: DOCUMENT,
  }),
  "a cursor without values is at the start": startAt("a"),
  "a value is one of 30": query({ where: where("IN", ones(30)) }),
  "a value is none of 10": query({ where: where("NOT_IN", ones(10)) }),
  "a query has five figures": figures(5, { sum: { field: { fieldPath: "n" } } }),
  "a count ends at one": figures(1, { count: { upTo: "1" } }),
  "writes of two documents are each for itself": batch(`${ROOT}/requests/x`, `${ROOT}/requests/y`),
  "maps are nested as deep as 20": write({ map: nested(DEPTH_MAX) }),
  "a text is as long as a value may be": write({
    text: { stringValue: "x".repeat(VALUE_BYTES_MAX - 100) },
  }),
  "a document has 40,000 index entries": list(ENTRIES_MAX),
};

const REFUSED: Readonly<Record<string, Asked>> = {
  "a reference to nothing is refused": refer(""),
  "a reference that is no name is refused": refer("nonsense"),
  "a reference to a collection is refused": refer(`${ROOT}/requests`),
  "a reference to the root is refused": refer(ROOT),
  "a reference to a reserved id is refused": refer(`${ROOT}/requests/__reserved__`),
  "a name within a document that is created is refused": create("named", `${ROOT}/requests/named`),
  "another name within a document that is created is refused": create("named", DOCUMENT),
  "an id with a slash is refused": create("a%2Fb"),
  "a reserved id is refused": create("__a__"),
  "an id that is a dot is refused": create("."),
  "a mask with a gap is refused": masked("a..b"),
  "a mask of nothing is refused": masked(""),
  "a mask with an open quote is refused": masked("`a"),
  "a mask with a dash is refused": masked("a-b"),
  "a mask with a digit first is refused": masked("1a"),
  "a mask of a reserved name is refused": masked("__a__"),
  "a mask of a deletion is refused": [
    `${ROOT}:commit`,
    { writes: [{ delete: DOCUMENT, updateMask: { fieldPaths: ["a"] } }] },
  ],
  "a write of nothing is refused": [`${ROOT}:commit`, { writes: [{}] }],
  "a transform without a kind is refused": transform({ fieldPath: "n" }),
  "a transform of no path is refused": transform({ fieldPath: "a..b", ...ADD }),
  "a transform by a text is refused": transform({
    fieldPath: "n",
    increment: { stringValue: "1" },
  }),
  "a transform to a value that is none is refused": transform({
    fieldPath: "n",
    setToServerValue: "SERVER_VALUE_UNSPECIFIED",
  }),
  "transforms of a field and of what is in it are refused": transform(
    { fieldPath: "map", ...ADD },
    { fieldPath: "map.n", ...ADD },
  ),
  "a list in a list is refused, also by a transform": transform({
    fieldPath: "list",
    appendMissingElements: { values: [{ arrayValue: {} }] },
  }),
  "a cursor with more values than orders is refused": startAt("a", ONE, ONE),
  "a cursor by name that is no reference is refused": startAt("__name__", ONE),
  "a cursor by the name of a collection is refused": startAt("__name__", {
    referenceValue: `${ROOT}/requests`,
  }),
  "a cursor of another database is refused": startAt("__name__", {
    referenceValue: OTHER_DATABASE,
  }),
  "a cursor with an unset value is refused": startAt("a", {}),
  "a name compared with a text is refused": named("EQUAL", { stringValue: "a" }),
  "a name among texts is refused": named("IN", { arrayValue: { values: [{ stringValue: "a" }] } }),
  "a name compared with one of another database is refused": named("EQUAL", {
    referenceValue: OTHER_DATABASE,
  }),
  "a name is no list": named("ARRAY_CONTAINS", { referenceValue: DOCUMENT }),
  "a name is not null": query({
    where: { unaryFilter: { field: { fieldPath: "__name__" }, op: "IS_NULL" } },
  }),
  "a filter of several without an operator is refused": query({
    where: {
      compositeFilter: {
        filters: [{ fieldFilter: { field: { fieldPath: "a" }, op: "EQUAL", value: ONE } }],
      },
    },
  }),
  "an order by no path is refused": query({ orderBy: [{ field: { fieldPath: "a..b" } }] }),
  "one of 31 values is refused": query({ where: where("IN", ones(31)) }),
  "one of no values is refused": query({ where: where("IN", ones(0)) }),
  "none of 11 values is refused": query({ where: where("NOT_IN", ones(11)) }),
  "two negations are refused": both(where("NOT_EQUAL", ONE), where("NOT_IN", ones(2))),
  "one of some and none of others is refused": both(where("IN", ones(2)), where("NOT_IN", ones(2))),
  "two tests of elements are refused": both(
    where("ARRAY_CONTAINS", ONE),
    where("ARRAY_CONTAINS_ANY", ones(1)),
  ),
  "a limit below zero is refused": query({ limit: -1 }),
  "an order by a field twice is refused": order("n", "n"),
  "an order by a field after the name is refused": order("__name__", "n"),
  "a query of six figures is refused": figures(6, { count: {} }),
  "a query of no figures is refused": figures(0, {}),
  "a figure of no kind is refused": figures(1, {}),
  "two figures of one name are refused": figures(2, { count: {} }, "f"),
  "a count up to nothing is refused": figures(1, { count: { upTo: "0" } }),
  "two writes of one document, each for itself, are refused": batch(DOCUMENT, DOCUMENT),
  "maps nested deeper than 20 are refused": write({ map: nested(DEPTH_MAX + 1) }),
  "a text longer than a value may be is refused": write({
    text: { stringValue: "x".repeat(VALUE_BYTES_MAX + 1) },
  }),
  "a document with more than 40,000 index entries is refused": list(ENTRIES_MAX + 1),
  "a value of two types is refused": write({ n: { ...ONE, stringValue: "one" } }),
  "a field that no document has is refused": [`${ROOT}/requests`, { nonsense: 1 }],
};

async function ask({ grpcAddress }: Opened, [path, body]: Asked): Promise<string> {
  const response = await fetch(`http://${grpcAddress}/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer owner" },
    body: JSON.stringify(body),
  });
  const [, status = "OK"] = /"status":\s*"([A-Z_]+)"/.exec(await response.text()) ?? [];
  return status;
}

function checksOf(rows: Readonly<Record<string, Asked>>, status: string): Checks {
  const checks = Object.entries(rows).map(([name, asked]) => {
    const check: Checks[string] = async (_bench, opened) => {
      expect(await ask(opened, asked)).toBe(status);
    };
    return [name, check] as const;
  });
  return Object.fromEntries(checks);
}

/** What requests may have in them, on both sides of each boundary. */
export const requestChecks: Checks = {
  ...checksOf(TAKEN, "OK"),
  ...checksOf(REFUSED, "INVALID_ARGUMENT"),
  "whoever asks whether it is there is told": async (_bench, { grpcAddress }) => {
    const response = await fetch(`http://${grpcAddress}/`);
    expect([response.status, await response.text()]).toEqual([200, "Ok\n"]);
  },
};
