import { putEnvironment } from "../change.ts";
import type { Change } from "../change.ts";
import type { Promotion } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState } from "../state.ts";

/**
 * After a migration that cannot be undone, the releases before it no longer fit the data: going back to
 * one of them takes the data of that time back as well.
 */
export function raiseFloor(
  change: Change,
  at: {
    readonly environment: Environment;
    readonly release: Release;
    readonly promotion: Pick<Promotion, "id" | "backups">;
  },
): Change {
  const { environment, release, promotion } = at;
  const { backups } = environmentState(change.state, environment.id);
  const own = backups.filter((backup) => backup.promotion === promotion.id);
  const bound = promotion.backups.length > 0 ? promotion.backups : own;
  return putEnvironment(change, environment.id, {
    floor: { release: release.id, order: release.order, since: change.now, backups: bound },
  });
}
