import { idOf } from "./names.ts";
import { BY_REVISION } from "./spec.ts";
import {
  type CloudRun,
  type Failure,
  isReady,
  revisionOf,
  type ServedTarget,
  type Service,
} from "./state.ts";

const PERCENT_ALL = 100;

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

/** Spreads requests over the targets of services in proportion to their shares. */
type Spread = {
  /** The revision for the next request of a service, or null when none is served. */
  readonly next: (service: string, served: readonly ServedTarget[]) => string | null;
};

/**
 * Smooth weighted round-robin: among any 100 requests in a row each revision gets exactly its
 * percent, as evenly as possible, and always in the same order. A change of the shares starts anew.
 */
export function createSpread(): Spread {
  const turns = new Map<
    string,
    { readonly shares: string; readonly credit: Map<string, number> }
  >();
  return {
    next: (service, served) => {
      const targets = served.filter(({ percent }) => percent > 0);
      const shares = JSON.stringify(targets);
      const known = turns.get(service);
      const turn = known?.shares === shares ? known : { shares, credit: new Map<string, number>() };
      turns.set(service, turn);
      return takeTurn(targets, turn.credit);
    },
  };
}

function takeTurn(targets: readonly ServedTarget[], credit: Map<string, number>): string | null {
  for (const { revision, percent } of targets) {
    credit.set(revision, (credit.get(revision) ?? 0) + percent);
  }
  const [first] = [...credit].toSorted(([, one], [, other]) => other - one);
  if (first === undefined) {
    return null;
  }
  const [chosen, most] = first;
  credit.set(chosen, most - PERCENT_ALL);
  return chosen;
}
