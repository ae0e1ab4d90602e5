import { idOf } from "../kit/collection-names.ts";
import { BY_REVISION } from "./spec.ts";
import {
  type CloudRun,
  type Failure,
  isReady,
  revisionOf,
  type ServedTarget,
  type Service,
} from "./state.ts";

/**
 * The traffic that a service asks for, as it can be served now. A failure when a named revision does
 * not exist or is not ready, or when there is no ready revision at all.
 */
export function resolveTraffic(
  run: CloudRun,
  service: Service,
  nowMs: number,
): { readonly served: readonly ServedTarget[]; readonly failure: Failure | null } {
  const served: ServedTarget[] = [];
  for (const { type, revision: named, percent = 0, tag = null } of service.traffic) {
    const latest = type !== BY_REVISION;
    const revision = idOf((latest ? service.latestReadyRevision : named) ?? "");
    const record = revisionOf(run, service.name, revision);
    if (!isReady(record, nowMs)) {
      return { served: [], failure: unroutable(revision, record !== undefined) };
    }
    served.push({ latest, revision, percent, tag });
  }
  return { served, failure: null };
}

function unroutable(revision: string, exists: boolean): Failure {
  const message = exists
    ? `Revision '${revision}' is not ready and cannot serve traffic.`
    : `Revision '${revision}' does not exist or is deleted. Update all traffic to route to currently available revisions.`;
  return { status: "FAILED_PRECONDITION", reason: "REVISION_FAILED", message };
}

/** The revision that has all the traffic, or null when it is split. */
export function soleRevision(served: readonly ServedTarget[]): string | null {
  const revisions = new Set(served.filter(({ percent }) => percent > 0).map((one) => one.revision));
  const [only = null] = revisions;
  return revisions.size === 1 ? only : null;
}

/** It has no part in common with 10, so that its first ten multiples end in ten different digits, well mixed. */
const STRIDE = 3;

/**
 * Chooses the revision for the next request of a service, or null when none is served: among any 100 requests in a row
 * each revision gets exactly its percent, among any 10 its tens of percents, and always in the same order.
 */
export function createSpread(): (
  service: string,
  served: readonly ServedTarget[],
) => string | null {
  const turns = new Map<string, number>();
  return (service, served) => {
    const turn = turns.get(service) ?? 0;
    turns.set(service, turn + 1);
    let share = ((turn * STRIDE) % 10) * 10 + ((Math.floor(turn / 10) * STRIDE) % 10);
    for (const { revision, percent } of served) {
      if (share < percent) {
        return revision;
      }
      share -= percent;
    }
    return null;
  };
}
