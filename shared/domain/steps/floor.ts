import { putEnvironment } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { PromotionId } from "../ids.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { backupsBefore, environmentState } from "../state.ts";

/**
 * After a migration that cannot be undone, the releases before it no longer fit the data. A rollback to one
 * of them must take the data of that time back as well.
 */
export function raiseFloor(
  change: Change,
  at: {
    readonly environment: Environment;
    readonly release: Release;
    /** The promotion whose migration it is. */
    readonly promotion: PromotionId;
  },
): Change {
  const { environment, release, promotion } = at;
  const backups = backupsBefore(environmentState(change.state, environment.id), promotion);
  return putEnvironment(change, environment.id, {
    floor: { release: release.id, order: release.order, since: change.now, backups },
  });
}
