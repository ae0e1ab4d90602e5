import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { rollBack, tryRollback } from "../../shared/app/rollback.ts";
import { dataMoment } from "../../shared/domain/promotion.ts";
import type { RollbackVerdict } from "../../shared/domain/rollback.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { RollbackBody } from "../../shared/wire/api/bodies.ts";
import { lossOf, RollbackView, toVerdictView } from "../../shared/wire/api/recovery.ts";
import { RollbackPreview } from "../../shared/wire/api/changes.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { changesView } from "./changes.ts";
import { actorOf, may, permit, placeNamed } from "./context.ts";
import type { ApiEnvironment } from "./context.ts";
import { ApiError, toApiError } from "./errors.ts";
import { releaseIdNamed, toGoBackTo } from "./named-releases.ts";
import { promotionOf } from "./replies.ts";

const route = createRoute({
  method: "post",
  path: "/v1/services/{service}/environments/{environment}/~rollback",
  summary: "Take an environment back to an earlier release, and hold it there",
  request: {
    params: z.object({ service: z.string(), environment: z.string() }),
    body: toBody(RollbackBody),
  },
  responses: {
    ...answers(202, RollbackView, "The rollback, and what it loses"),
    ...answers(200, RollbackPreview, "With validateOnly: whether it is safe, and why not"),
  },
});

/** Adds the call that takes an environment back. */
export function addRollbacks(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(route, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const body = context.req.valid("json");
    const here = { service: seen.state.service, where: environment };
    await permit(context, { right: "roll-back", ...here });
    if (body.restoreData === true) {
      await permit(context, { right: "restore", ...here });
    }
    const { ports } = context.get("wiring");
    const named = { name: body.release, isMeant: toGoBackTo(environment) };
    const wish = { environment, release: await releaseIdNamed(context, seen, named) };
    const tried = await tryRollback(ports, seen.state, wish);
    if (!tried.ok) {
      throw toApiError(tried.refusal);
    }
    const judged = tried.value;
    if (body.validateOnly === true) {
      const at = { environment: environment.id, now: ports.clock.now() };
      const { release } = judged;
      const changes =
        release === null
          ? null
          : await changesView(context, seen.state, { environment, release, isRollback: true });
      return context.json({ ...toVerdictView(judged, at), changes }, 200);
    }
    refuseUnsafe(judged, {
      environment: environment.id,
      now: ports.clock.now(),
      restoresData: body.restoreData ?? false,
    });
    const handled = await rollBack(ports, seen, {
      ...wish,
      judged,
      by: actorOf(context),
      reason: body.reason,
      restoreData: body.restoreData ?? false,
      hold: body.hold ?? true,
      asOncall: await may(context, { right: "overrule", ...here }),
    });
    const promotion = await promotionOf(context, handled);
    const dataOf = dataMoment(promotion.restores);
    const dataLoss = lossOf({ dataOf }, { environment: environment.id, now: ports.clock.now() });
    return context.json({ ...toPromotionView(promotion), dataLoss }, 202);
  });
}

/** @throws ApiError with the whole verdict when going back would break something. */
function refuseUnsafe(
  judged: RollbackVerdict,
  at: {
    readonly environment: string;
    readonly now: Instant;
    readonly restoresData: boolean;
  },
): void {
  const lacksData = judged.verdict === "needs-data-restore" && !at.restoresData;
  if (judged.verdict === "unsafe" || lacksData) {
    const how = lacksData ? "; request it with restoreData" : "";
    const message = `the rollback is ${lacksData ? "not safe without its data" : "unsafe"}: ${judged.reasons.join("; ")}${how}`;
    throw new ApiError("FAILED_PRECONDITION", message, [
      { "@type": "slipway/RollbackVerdict", ...toVerdictView(judged, at) },
    ]);
  }
}
