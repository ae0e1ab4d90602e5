import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { planMigration } from "../../shared/app/migration.ts";
import type { MigrationPlan } from "../../shared/app/migration.ts";
import type { PromotionId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { actorOf } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import { needTo, permitAll } from "./needs.ts";
import type { Target } from "./promote.ts";
import { promotionOf } from "./replies.ts";

/** What the migration that waits in an environment would mean, if the caller may start it. @throws RequestError */
export async function previewMigration(
  context: RequestContext,
  { seen, environment }: Target,
): Promise<MigrationPlan> {
  await permitAll(context, needTo.migrate({ service: seen.state.service, environment }));
  const planned = await planMigration(context.get("wiring").ports, seen.state, environment);
  if (!planned.ok) {
    throw toRequestError(planned.refusal);
  }
  return planned.value;
}

/**
 * Starts the migration that waits in an environment, if the caller may. With a promotion only that promotion's.
 * @throws RequestError
 */
export async function startMigration(
  context: RequestContext,
  { seen, environment }: Target,
  promotion?: PromotionId,
): Promise<Promotion> {
  await permitAll(context, needTo.migrate({ service: seen.state.service, environment }));
  const event = {
    kind: "contract-requested" as const,
    environment: environment.id,
    by: actorOf(context),
    ...(promotion !== undefined && { promotion }),
  };
  const handled = await decideOnlySeen(context.get("wiring").ports, seen, [event]);
  return promotionOf(context, handled);
}
