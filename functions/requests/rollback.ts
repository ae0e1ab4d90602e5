import type { z } from "zod";
import { rollBack, tryRollback } from "../../shared/app/rollback.ts";
import type { RollbackWish } from "../../shared/app/rollback.ts";
import { dataMoment } from "../../shared/domain/promotion.ts";
import { withData } from "../../shared/domain/rollback.ts";
import type { RollbackVerdict } from "../../shared/domain/rollback.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { RollbackBody } from "../../shared/wire/api/bodies.ts";
import type { RollbackPreview } from "../../shared/wire/api/changes.ts";
import { lossOf, toVerdictView } from "../../shared/wire/api/recovery.ts";
import type { RollbackView } from "../../shared/wire/api/recovery.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { changesView } from "./changes.ts";
import { actorOf, may } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { RequestError, toRequestError } from "./errors.ts";
import { needTo, permitAll } from "./needs.ts";
import { releaseIdNamed, toGoBackTo } from "./named-releases.ts";
import type { Target } from "./promote.ts";
import { promotionOf } from "./replies.ts";

/** Whether going back is safe, and what it would take away, if the caller may go back. @throws RequestError */
export async function previewRollback(
  context: RequestContext,
  target: Target,
  body: Omit<RollbackBody, "reason">,
): Promise<z.output<typeof RollbackPreview>> {
  const { seen, environment } = target;
  const { judged } = await judge(context, target, body);
  const at = { environment: environment.id, now: context.get("wiring").ports.clock.now() };
  const { release } = judged;
  const changes =
    release === null
      ? null
      : await changesView(context, seen.state, { environment, release, isRollback: true });
  return { ...toVerdictView(judged, at), changes };
}

/** Goes back, if that is safe and the caller may. @throws RequestError */
export async function rollBackTo(
  context: RequestContext,
  target: Target,
  body: RollbackBody,
): Promise<z.output<typeof RollbackView>> {
  const { seen, environment } = target;
  const { ports } = context.get("wiring");
  const { judged, wish } = await judge(context, target, body);
  const restoresData = body.restoreData ?? false;
  const place = { service: seen.state.service.id, environment: environment.id };
  refuseUnsafe(judged, { ...place, now: ports.clock.now(), restoresData });
  const here = { service: seen.state.service, where: environment };
  const handled = await rollBack(ports, seen, {
    ...wish,
    judged,
    by: actorOf(context),
    reason: body.reason,
    restoreData: restoresData,
    hold: body.hold ?? true,
    asOncall: await may(context, { right: "overrule", ...here }),
  });
  const promotion = await promotionOf(context, handled);
  const dataOf = dataMoment(promotion.restores);
  const dataLoss = lossOf({ dataOf }, { environment: environment.id, now: ports.clock.now() });
  return { ...toPromotionView(promotion), dataLoss };
}

type Judged = { readonly judged: RollbackVerdict; readonly wish: RollbackWish };

async function judge(
  context: RequestContext,
  { seen, environment }: Target,
  body: Omit<RollbackBody, "reason">,
): Promise<Judged> {
  const { service } = seen.state;
  await permitAll(context, needTo.rollBack({ service, environment }));
  if (body.restoreData === true) {
    const here = { service, from: environment, into: environment };
    await permitAll(context, needTo.restore(here));
  }
  const named = { name: body.release, isMeant: toGoBackTo(environment) };
  const wish = { environment, release: await releaseIdNamed(context, seen, named) };
  const tried = await tryRollback(context.get("wiring").ports, seen.state, wish);
  if (!tried.ok) {
    throw toRequestError(tried.refusal);
  }
  return { judged: tried.value, wish };
}

/** @throws RequestError with the whole verdict when going back would break something. */
function refuseUnsafe(
  judged: RollbackVerdict,
  at: {
    readonly service: string;
    readonly environment: string;
    readonly now: Instant;
    readonly restoresData: boolean;
  },
): void {
  const lacksData = judged.verdict === "needs-data-restore" && !at.restoresData;
  if (judged.verdict === "unsafe" || lacksData) {
    const message = `the rollback is ${lacksData ? "not safe without its data" : "unsafe"}: ${judged.reasons.join("; ")}`;
    const { service, environment } = at;
    const { release } = judged;
    throw new RequestError("FAILED_PRECONDITION", message, {
      details: [{ "@type": "slipway/RollbackVerdict", ...toVerdictView(judged, at) }],
      help: lacksData && release !== null ? withData({ service, environment, release }) : null,
    });
  }
}
