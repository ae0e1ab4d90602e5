import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { readPageToken, toPageToken } from "../../shared/adapters/page-token.ts";
import { AuditQuery } from "../../shared/wire/api/bodies.ts";
import { AuditList } from "../../shared/wire/api/schemas.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { chainNamed } from "../requests/audit.ts";
import type { RequestEnvironment } from "../requests/context.ts";

const route = createRoute({
  method: "get",
  path: "/v1/audit",
  summary: "Audit records in order, each with the hash of the one before",
  request: { query: AuditQuery },
  responses: answers(200, AuditList, "A page of records"),
});

/** Adds the call that reads the record. */
export function addAudit(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const query = context.req.valid("query");
    const chain = await chainNamed(context, query.service);
    const list = `audit ${chain}`;
    const after = query.pageToken === "" ? query.after : toSequence(list, query.pageToken);
    const { store } = context.get("wiring").ports;
    const found = await store.records(chain, after, query.pageSize + 1);
    const records = found.slice(0, query.pageSize);
    const last = records.at(-1);
    const hasMore = found.length > records.length && last !== undefined;
    const nextPageToken = hasMore ? toPageToken(list, [last.sequence]) : "";
    return context.json({ records: records.map(toAuditView), nextPageToken }, 200);
  });
}

/** @throws PermanentError INVALID_ARGUMENT for a token that this list did not give. */
function toSequence(list: string, pageToken: string): number {
  const [sequence = 0] = readPageToken(list, pageToken, 1);
  return Number(sequence);
}
