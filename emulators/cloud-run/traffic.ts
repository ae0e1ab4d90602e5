import { badRequest } from "../kit/google-error.ts";
import { idOf } from "./names.ts";
import {
  type Failure,
  revisionOf,
  type ServedTarget,
  type ServiceRecord,
  type State,
} from "./state.ts";
import type { TrafficTarget } from "./wire.ts";

const PERCENT_ALL = 100;
const TAG = /^[a-z](?:[-a-z0-9]{0,44}[a-z0-9])?$/;

/** A target's type when it names a revision. */
export const BY_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION" as const;

/** What a service asks for that does not say: everything to the latest ready revision. */
export const ALL_TO_LATEST: readonly TrafficTarget[] = [
  { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: PERCENT_ALL },
];

/**
 * Checks the traffic that a service asks for. That a named revision exists is found out later.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/TrafficTarget
 * @throws GoogleError INVALID_ARGUMENT when shares are not from 0 to 100 with a sum of 100, when a
 * target by revision names none or one by latest names one, and for repeated or malformed tags.
 */
export function checkTraffic(field: string, targets: readonly TrafficTarget[]): void {
  for (const [index, target] of targets.entries()) {
    checkTarget(`${field}[${index}]`, target);
  }
  const sum = targets.reduce((total, target) => total + (target.percent ?? 0), 0);
  if (sum !== PERCENT_ALL) {
    throw badRequest(field, `The percents of all traffic targets must sum to 100, not ${sum}`);
  }
  const tags = targets.flatMap(({ tag }) => tag ?? []);
  if (new Set(tags).size < tags.length) {
    throw badRequest(field, "A traffic tag can be given only once");
  }
}

function checkTarget(field: string, target: TrafficTarget): void {
  const { percent = 0, revision = "", tag } = target;
  if (percent < 0 || percent > PERCENT_ALL) {
    throw badRequest(`${field}.percent`, `percent must be from 0 to 100, not ${percent}`);
  }
  if ((target.type === BY_REVISION) !== (revision !== "")) {
    throw badRequest(
      `${field}.revision`,
      `A revision must be named if, and only if, the type is ${BY_REVISION}`,
    );
  }
  if (tag !== undefined && !TAG.test(tag)) {
    throw badRequest(`${field}.tag`, `"${tag}" is not a valid traffic tag`);
  }
}

/**
 * The traffic that a service asks for, as it can be served now. A failure when a named revision does
 * not exist or is not ready, or when there is no ready revision at all.
 */
export function resolveTraffic(
  state: State,
  service: ServiceRecord,
): { readonly served: readonly ServedTarget[]; readonly failure: Failure | null } {
  const served: ServedTarget[] = [];
  for (const { type, revision: named, percent = 0, tag = null } of service.spec.traffic ?? []) {
    const latest = type !== BY_REVISION;
    const revision = idOf((latest ? service.latestReady : named) ?? "");
    const record = revisionOf(state, service.name, revision);
    if (record?.outcome.kind !== "ready") {
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
