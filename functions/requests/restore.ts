import type { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { planRestore } from "../../shared/app/restore.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { RestoreBody } from "../../shared/wire/api/bodies.ts";
import { toDataLossView } from "../../shared/wire/api/recovery.ts";
import type { RestoreView } from "../../shared/wire/api/recovery.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { actorOf, environmentNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import { mayDo, needTo, permitAll } from "./needs.ts";
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
  await permitAll(context, needTo.restore({ service: state.service, from: environment, into }));
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

/** The environments into which the caller may bring data of one: itself, or those for tests. */
export async function restoreTargets(
  context: RequestContext,
  { seen, environment: from }: Target,
): Promise<readonly Environment[]> {
  const { service } = seen.state;
  const fitting = service.environments.filter(
    (into) => into.id === from.id || into.category === "test",
  );
  const allowed = await Promise.all(
    fitting.map(async (into) => mayDo(context, needTo.restore({ service, from, into }))),
  );
  return fitting.filter((_, index) => allowed[index] === true);
}
