import type { ServiceEvent } from "../domain/event.ts";
import { holdId } from "../domain/ids.ts";
import type { ReleaseId } from "../domain/ids.ts";
import { noRelease } from "../domain/refusal.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Actor } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import { goBackTo, judgeRollback } from "../domain/rollback.ts";
import type { RollbackVerdict } from "../domain/rollback.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { decideOnlySeen } from "./decide-only.ts";
import { findRelease } from "./explain.ts";
import type { Handled } from "./store-events.ts";

/** A rollback that somebody thinks of. */
export type RollbackWish = {
  readonly environment: Environment;
  /** Null: the deployment before the current one that had proved itself. */
  readonly release: ReleaseId | null;
};

/** A rollback that somebody asks for. */
export type RollbackOrder = RollbackWish & {
  readonly by: Actor;
  readonly reason: string;
  readonly restoreData: boolean;
  /** Whether the environment is held after it, and what it leaves is marked bad. */
  readonly hold: boolean;
  /** Whether whoever asks counts as on-call there. */
  readonly asOncall: boolean;
};

/** Whether going back is safe now. Nothing is stored or done. */
export async function tryRollback(
  ports: DecidingPorts,
  state: ServiceState,
  wish: RollbackWish,
): Promise<Result<RollbackVerdict, Refusal>> {
  const { environment } = wish;
  const id = wish.release ?? goBackTo(state, environment)?.release ?? null;
  const release = id === null ? null : await findRelease(ports, state, id);
  if (id !== null && release === null) {
    return refused(noRelease(state.service.id, id));
  }
  const image =
    release === null ? null : await ports.registry.getImage(release.repository, release.digest);
  const hasImage = release === null || image !== null;
  return accepted(judgeRollback(state, environment, { release, hasImage }));
}

/** Takes an environment back to the release that was judged, if the verdict still holds when it is decided. */
export async function rollBack(
  ports: DecidingPorts,
  seen: SeenService,
  order: RollbackOrder & { readonly judged: RollbackVerdict },
): Promise<Handled> {
  const { environment, judged, by, reason, restoreData, asOncall } = order;
  const event: ServiceEvent = {
    kind: "rollback-requested",
    environment: environment.id,
    release: judged.release,
    by,
    reason,
    restoreData,
    asOncall,
    hold: order.hold ? holdId(`hold-${ports.unique.next()}`) : null,
    // Without its image the verdict would have been that it is unsafe.
    hasImage: judged.verdict !== "unsafe",
  };
  return decideOnlySeen(ports, seen, [event]);
}
