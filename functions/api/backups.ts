import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { listBackups, listOwnBackups } from "../../shared/app/backups.ts";
import type { OwnBackups } from "../../shared/app/backups.ts";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { planRestore } from "../../shared/app/restore.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { sourceName } from "../../shared/domain/backup.ts";
import { PageQuery, RestoreBody } from "../../shared/wire/api/bodies.ts";
import {
  BackupList,
  RestoreView,
  toDataLossView,
  toOwnBackupView,
} from "../../shared/wire/api/recovery.ts";
import { toBackupView, toPromotionView, toTime } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, environmentNamed, permit, placeNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { toApiError } from "./errors.ts";
import { previewPromotion, promotionOf } from "./replies.ts";

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
export function addBackups(app: OpenAPIHono<ApiEnvironment>): void {
  addList(app);
  app.openapi(restore, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const { state } = seen;
    const { backup, into: name = environment.id, reason, validateOnly } = context.req.valid("json");
    const into = environmentNamed(state.service, name);
    await permitRestore(context, { service: state.service, from: environment, into });
    const { ports } = context.get("wiring");
    const planned = await planRestore(ports, state, { from: environment, into, backup });
    if (!planned.ok) {
      throw toApiError(planned.refusal);
    }
    const { points, dataOf } = planned.value;
    const event = {
      kind: "restore-requested" as const,
      environment: into.id,
      points,
      by: actorOf(context),
      reason,
    };
    const promotion =
      validateOnly === true
        ? (await previewPromotion(context, seen, [event])).promotion
        : await promotionOf(context, await decideOnlySeen(ports, seen, [event]));
    const place = { from: environment.id, into: into.id };
    const dataLoss = toDataLossView(dataOf, ports.clock.now(), place);
    return context.json(
      { ...toPromotionView(promotion), dataLoss },
      validateOnly === true ? 200 : 202,
    );
  });
}

/** Data that leaves its environment takes a right there as well: it may be seen by more people where it goes. */
async function permitRestore(
  context: ApiContext,
  {
    service,
    from,
    into,
  }: { readonly service: Service; readonly from: Environment; readonly into: Environment },
): Promise<void> {
  await permit(context, { right: "restore", service, where: into });
  if (from.id !== into.id) {
    await permit(context, { right: "copy", service, where: from });
  }
}

const NOTHING_OWN: OwnBackups = { backups: [], recovery: [], unreadable: [] };

function addList(app: OpenAPIHono<ApiEnvironment>): void {
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
