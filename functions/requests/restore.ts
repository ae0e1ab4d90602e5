import type { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { planRestore } from "../../shared/app/restore.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import type { RestoreBody } from "../../shared/wire/api/bodies.ts";
import { toDataLossView } from "../../shared/wire/api/recovery.ts";
import type { RestoreView } from "../../shared/wire/api/recovery.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { actorOf, environmentNamed, permit } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import type { Target } from "./promote.ts";
import { previewPromotion, promotionOf } from "./replies.ts";

/** Brings a backup's data back, or with `validateOnly` says what it would do, if the caller may. @throws RequestError */
export async function restoreFrom(
  context: RequestContext,
  { seen, environment }: Target,
  body: RestoreBody,
): Promise<z.output<typeof RestoreView>> {
  const { state } = seen;
  const { backup, into: name = environment.id, reason, validateOnly } = body;
  const into = environmentNamed(state.service, name);
  await permitRestore(context, { service: state.service, from: environment, into });
  const { ports } = context.get("wiring");
  const planned = await planRestore(ports, state, { from: environment, into, backup });
  if (!planned.ok) {
    throw toRequestError(planned.refusal);
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
  return { ...toPromotionView(promotion), dataLoss };
}

/** Data that leaves its environment takes a right there as well: it may be seen by more people where it goes. */
async function permitRestore(
  context: RequestContext,
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
