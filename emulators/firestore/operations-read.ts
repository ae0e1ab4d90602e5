import type { Call } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate } from "../kit/page.ts";
import { type Document, type Documents, documentsIn, LATEST, readDocument } from "./documents.ts";
import { countReads, type Engine } from "./engine.ts";
import { rangeOf } from "./locked-range.ts";
import { prepareQuery, runQuery } from "./query.ts";
import { NAME_FIELD, type StructuredQuery } from "./query-request.ts";
import { collectionsWithin } from "./query-scope.ts";
import { type Reading, reading, type ReadSelector } from "./reading.ts";
import { checkDatabase, checkDocumentName, checkParent } from "./resource-name.ts";
import { compareNames, compareText } from "./text-order.ts";
import { toWire, type WireDocument } from "./wire-document.ts";
import type { DocumentMask } from "./write.ts";

const PAGES = { defaultSize: 100, maxSize: 1000 };

type Page = { readonly pageSize?: number; readonly pageToken?: string };

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
  const caller = { engine, signal: call.signal, connection: call.connection };
  const [document = null] = await reading(caller, request, (how) => readAll(engine, how, [name]));
  countReads(engine, call.method, 1);
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
  const caller = { engine, signal: call.signal, connection: call.connection };
  return reading(caller, request, async (how) => {
    const documents = await readAll(engine, how, names);
    countReads(engine, call.method, names.length);
    const readTime = how.readTime();
    const begun = how.began === null ? [] : [{ transaction: how.began }];
    return [
      ...begun,
      ...documents.map((document, index) =>
        document === null
          ? { missing: names[index], readTime }
          : { found: toWire(document, request.mask), readTime },
      ),
    ];
  });
}

/** Lists the documents of a collection, on request also those that only have documents under them. */
export async function listDocuments(
  engine: Engine,
  request: ReadSelector &
    Page & {
      readonly parent?: string;
      readonly collectionId?: string;
      readonly orderBy?: string;
      readonly mask?: DocumentMask;
      readonly showMissing?: boolean;
    },
  call: Call,
): Promise<{ readonly documents: readonly WireDocument[]; readonly nextPageToken: string }> {
  const { parent, collectionId = "", orderBy = "", showMissing = false } = request;
  if (showMissing && orderBy !== "") {
    throw googleError("INVALID_ARGUMENT", "show_missing may not be used with order_by.");
  }
  const query = prepareQuery(parent, { from: [{ collectionId }], ...toOrder(orderBy) });
  const caller = { engine, signal: call.signal, connection: call.connection };
  const found = await reading(caller, request, async (how) => {
    let results: readonly Document[] = [];
    await how.lock(() => {
      results = runQuery(query, engine.documents, how.at);
      return { documents: results.map(({ name }) => name), range: rangeOf(query, results) };
    });
    return results.map((document) => toWire(document, request.mask));
  });
  const prefix = `${checkParent(parent)}/${collectionId}`;
  const all = showMissing ? withMissing(engine.documents, found, prefix) : found;
  const page = paginate(all, request, PAGES);
  countReads(engine, call.method, page.items.length);
  return { documents: page.items, nextPageToken: page.nextPageToken };
}

/** Lists the ids of the collections right under a document or the root. */
export async function listCollectionIds(
  engine: Engine,
  request: ReadSelector & Page & { readonly parent?: string },
  call: Call,
): Promise<{ readonly collectionIds: readonly string[]; readonly nextPageToken: string }> {
  const parent = checkParent(request.parent);
  const scope = { parent, collectionId: "", allDescendants: true };
  const caller = { engine, signal: call.signal, connection: call.connection };
  const used = await reading(caller, request, async ({ at }) =>
    collectionsWithin(engine.documents, scope).filter((name) =>
      hasDocuments(engine.documents, name, at),
    ),
  );
  countReads(engine, call.method, 1);
  const ids = new Set(used.map((name) => name.slice(parent.length + 1).split("/")[0] ?? ""));
  const page = paginate([...ids].toSorted(compareText), request, PAGES);
  return { collectionIds: page.items, nextPageToken: page.nextPageToken };
}

async function readAll(
  engine: Engine,
  how: Reading,
  names: readonly string[],
): Promise<readonly (Document | null)[]> {
  await how.lock(() => ({ documents: names }));
  return names.map((name) => readDocument(engine.documents, name, how.at));
}

function hasDocuments(documents: Documents, collection: string, at: number): boolean {
  return documentsIn(documents, collection, at).length > 0;
}

/** Reads `priority desc, __name__` as the order of a query. */
function toOrder(text: string): Pick<StructuredQuery, "orderBy"> {
  if (text.trim() === "") {
    return {};
  }
  return {
    orderBy: text.split(",").map((part) => {
      const [fieldPath = NAME_FIELD, direction = "asc"] = part.trim().split(/\s+/);
      const isDescending = direction.toLowerCase() === "desc";
      return { field: { fieldPath }, direction: isDescending ? "DESCENDING" : "ASCENDING" };
    }),
  };
}

/** Adds the documents of a collection that do not exist but have documents somewhere under them. */
function withMissing(
  documents: Documents,
  found: readonly WireDocument[],
  prefix: string,
): readonly WireDocument[] {
  const names = new Set(found.map(({ name }) => name));
  const missing = new Set<string>();
  for (const collection of documents.collections.keys()) {
    const [id = ""] = collection.slice(prefix.length + 1).split("/");
    const name = `${prefix}/${id}`;
    const isUnder = collection.startsWith(`${prefix}/`) && !names.has(name);
    if (isUnder && hasDocuments(documents, collection, LATEST)) {
      missing.add(name);
    }
  }
  return [...found, ...[...missing].map((name) => ({ name }))].toSorted((left, right) =>
    compareNames(left.name, right.name),
  );
}
