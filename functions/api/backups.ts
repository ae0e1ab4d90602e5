import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { listBackups, listOwnBackups } from "../../shared/app/backups.ts";
import type { OwnBackups } from "../../shared/app/backups.ts";
import { sourceName } from "../../shared/domain/backup.ts";
import { PageQuery, RestoreBody } from "../../shared/wire/api/bodies.ts";
import { BackupList, RestoreView, toOwnBackupView } from "../../shared/wire/api/recovery.ts";
import { toBackupView, toTime } from "../../shared/wire/api/views.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { restoreFrom } from "../requests/restore.ts";
import { answers, toBody } from "./answers.ts";

const Place = z.object({ service: z.string(), environment: z.string() });

const list = createRoute({
  method: "get",
  path: "/v1/services/{service}/environments/{environment}/backups",
  summary:
    "An environment's backups: Slipway's own with their releases, and those that the services took",
  request: { params: Place, query: PageQuery },
  responses: answers(200, BackupList, "A page of backups, newest first"),
});

const restore = createRoute({
  method: "post",
  path: "/v1/services/{service}/environments/{environment}/~restore",
  summary: "Bring a backup's data back, or into an environment for tests",
  request: { params: Place, body: toBody(RestoreBody) },
  responses: {
    ...answers(202, RestoreView, "The restore's promotion, and what it loses"),
    ...answers(200, RestoreView, "With validateOnly: the promotion as it would be"),
  },
});

/** Adds the calls about backups. */
export function addBackups(app: OpenAPIHono<RequestEnvironment>): void {
  addList(app);
  app.openapi(restore, async (context) => {
    const target = await placeNamed(context, context.req.valid("param"));
    const body = context.req.valid("json");
    const restored = await restoreFrom(context, target, body);
    return context.json(restored, body.validateOnly === true ? 200 : 202);
  });
}

const NOTHING_OWN: OwnBackups = { backups: [], recovery: [], unreadable: [] };

function addList(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(list, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const { state } = seen;
    const { ports } = context.get("wiring");
    const query = context.req.valid("query");
    const page = await listBackups(ports, state, { ...query, environment });
    const isFirst = query.pageToken === "";
    const own = isFirst ? await listOwnBackups(ports, state, environment) : NOTHING_OWN;
    const recovery = own.recovery.map(({ source, window }) => ({
      source: sourceName(source),
      earliest: toTime(window.earliest),
      latest: toTime(window.latest),
    }));
    const { nextPageToken } = page;
    const backups = [...page.items.map(toBackupView), ...own.backups.map(toOwnBackupView)];
    return context.json({ backups, recovery, unreadable: [...own.unreadable], nextPageToken }, 200);
  });
}
