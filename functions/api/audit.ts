import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { z } from "zod";
import { readPageToken, toPageToken } from "../../shared/adapters/page-token.ts";
import { listReadable } from "../../shared/app/readable.ts";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { UnreadableError } from "../../shared/ports/errors.ts";
import type { ListedService, Store } from "../../shared/ports/store.ts";
import { AuditQuery, PageQuery } from "../../shared/wire/api/bodies.ts";
import { AuditList, HeadList } from "../../shared/wire/api/schemas.ts";
import type { HeadView } from "../../shared/wire/api/schemas.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { chainNamed, readRecords } from "../requests/audit.ts";
import { deskOf, may, refuseStranger } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";

type Head = z.output<typeof HeadView>;

const route = createRoute({
  method: "get",
  path: "/v1/audit",
  summary: "Audit records in order, each with the hash of the one before",
  request: { query: AuditQuery },
  responses: answers(200, AuditList, "A page of records"),
});

const heads = createRoute({
  method: "get",
  path: "/v1/audit/heads",
  summary: "Where each chain of audit records ends, as its service's document says",
  request: { query: PageQuery },
  responses: answers(200, HeadList, "A page of heads; the first one also has that of `_slipway`"),
});

/** Adds the calls that read the record. */
export function addAudit(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const query = context.req.valid("query");
    const chain = await chainNamed(context, query.service);
    const list = `audit ${chain}`;
    const after = query.pageToken === "" ? query.after : toSequence(list, query.pageToken);
    const { records, next } = await readRecords(context, chain, { after, count: query.pageSize });
    const nextPageToken = next === null ? "" : toPageToken(list, [next]);
    return context.json({ records: records.map(toAuditView), nextPageToken }, 200);
  });
  app.openapi(heads, async (context) => {
    const { ports } = context.get("wiring");
    const request = context.req.valid("query");
    const { items, nextPageToken } = await listReadable(ports, deskOf(context), request);
    const isFirst = request.pageToken === "";
    await refuseStranger(context, items.length === 0 && isFirst);
    const isWhole = isFirst && (await may(context, { right: "read-all" }));
    const own = isWhole ? [await systemHead(ports.store)] : [];
    return context.json({ heads: [...own, ...items.map(headOf)], nextPageToken }, 200);
  });
}

/** The control document is a chain's end like a service's. */
async function systemHead(store: Pick<Store, "readControl">): Promise<Head> {
  try {
    const { chain } = await store.readControl();
    return { chain: SYSTEM_CHAIN, ...chain.head };
  } catch (error) {
    if (error instanceof UnreadableError) {
      return { chain: SYSTEM_CHAIN, sequence: null, hash: null };
    }
    throw error;
  }
}

function headOf(found: ListedService): Head {
  return found.kind === "unreadable"
    ? { chain: found.service, sequence: null, hash: null }
    : { chain: found.seen.state.service.id, ...found.seen.chain.head };
}

/** @throws PermanentError INVALID_ARGUMENT for a token that this list did not give. */
function toSequence(list: string, pageToken: string): number {
  const [sequence = 0] = readPageToken(list, pageToken, 1);
  return Number(sequence);
}
