import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import { AuditQuery } from "../../shared/wire/api/bodies.ts";
import { AuditList } from "../../shared/wire/api/schemas.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { permit, serviceNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { ApiError } from "./errors.ts";

const list = createRoute({
  method: "get",
  path: "/v1/audit",
  summary: "The record, in order, each fact with the hash of the one before",
  request: { query: AuditQuery },
  responses: answers(200, AuditList, "A page of records"),
});

/** Adds the call that reads the record. */
export function addAudit(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(list, async (context) => {
    await permit(context, { kind: "view" });
    const query = context.req.valid("query");
    const chain = await chainNamed(context, query.service);
    const after = query.pageToken === "" ? query.after : toSequence(query.pageToken);
    const { store } = context.get("wiring").ports;
    const found = await store.records(chain, after, query.pageSize + 1);
    const records = found.slice(0, query.pageSize);
    const last = records.at(-1);
    const hasMore = found.length > records.length && last !== undefined;
    const nextPageToken = hasMore ? String(last.sequence) : "";
    return context.json({ records: records.map(toAuditView), nextPageToken }, 200);
  });
}

async function chainNamed(context: ApiContext, service: string | undefined): Promise<string> {
  if (service === undefined || service === SYSTEM_CHAIN) {
    return SYSTEM_CHAIN;
  }
  const { state } = await serviceNamed(context, service);
  return state.service.id;
}

function toSequence(pageToken: string): number {
  if (!/^\d{1,15}$/.test(pageToken)) {
    throw new ApiError("INVALID_ARGUMENT", "pageToken: not one that this list gave");
  }
  return Number(pageToken);
}
