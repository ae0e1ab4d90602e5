import type { Call } from "../kit/call.ts";
import { googleError } from "../kit/google-error.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { documentsIn } from "./documents.ts";
import type { Engine } from "./engine.ts";
import { lockResults } from "./operations.ts";
import { prepareQuery } from "./query.ts";
import { reading, type ReadSelector, toWire, type WireDocument } from "./reading.ts";
import { checkParent } from "./resource-name.ts";
import { compareNames, compareText } from "./value-order.ts";
import type { DocumentMask } from "./write.ts";

const PAGES = { defaultSize: 100, maxSize: 1000 };

type ListRequest = ReadSelector & PageRequest & { readonly parent?: string };

/** A document, or the name of one that is not there but has documents below it. */
type Listed = WireDocument | { readonly name: string };

/**
 * Lists the documents of a collection by their names, on request with those that only have documents below them.
 * @throws GoogleError UNIMPLEMENTED for another order, INVALID_ARGUMENT for a bad name or page.
 */
export async function listDocuments(
  engine: Engine,
  request: ListRequest & {
    readonly collectionId?: string;
    readonly mask?: DocumentMask;
    readonly showMissing?: boolean;
    readonly orderBy?: string;
  },
  call: Call,
): Promise<{ readonly documents: readonly Listed[]; readonly nextPageToken: string }> {
  const { parent, collectionId = "", showMissing = false, orderBy = "" } = request;
  if (orderBy !== "") {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement order_by of lists.");
  }
  const query = prepareQuery(parent, { from: [{ collectionId }] });
  return reading(engine, { call, selector: request }, async (how) => {
    const found = await lockResults(engine, how, { query, exclusive: true });
    const names = new Set(found.map(({ name }) => name));
    const collection = `${checkParent(parent)}/${collectionId}`;
    const below = showMissing ? namesBelow(engine, collection, how.at) : [];
    const missing = below.filter((name) => !names.has(name)).map((name) => ({ name }));
    const all = [...found, ...missing].toSorted((one, other) => compareNames(one.name, other.name));
    const { items, nextPageToken } = paginate(all, request, PAGES);
    engine.usage.reads += Math.max(1, items.length);
    const documents = items.map((one) => ("createTime" in one ? toWire(one, request.mask) : one));
    return { documents, nextPageToken };
  });
}

/** Lists the ids of the collections right below a document or the root. */
export async function listCollectionIds(
  engine: Engine,
  request: ListRequest,
  call: Call,
): Promise<{ readonly collectionIds: readonly string[]; readonly nextPageToken: string }> {
  const parent = checkParent(request.parent);
  return reading(engine, { call, selector: request }, async ({ at }) => {
    engine.usage.reads += 1;
    const ids = namesBelow(engine, parent, at).map((name) => name.slice(parent.length + 1));
    const { items, nextPageToken } = paginate(ids.toSorted(compareText), request, PAGES);
    return { collectionIds: items, nextPageToken };
  });
}

/** The names right below another one that documents are somewhere within. */
function namesBelow({ documents }: Engine, above: string, at: number): readonly string[] {
  const collections = [...documents.collections.keys()].filter(
    (name) => name.startsWith(`${above}/`) && documentsIn(documents, name, at).length > 0,
  );
  const ids = collections.map((name) => name.slice(above.length + 1).split("/", 1)[0] ?? "");
  return [...new Set(ids)].map((id) => `${above}/${id}`);
}
