import { idOf } from "./names.ts";
import {
  type CloudRun,
  type Failure,
  type RevisionRecord,
  type ServiceRecord,
  type State,
  revisionsOf,
} from "./state.ts";
import { resolveTraffic, soleRevision } from "./traffic.ts";

/**
 * Moves every service on to a moment: revisions that are due become ready or fail, traffic follows,
 * and a service whose newest revision is settled is done. Doing it again changes nothing.
 * Source: the comments on `reconciling` in
 * https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function reconcileServices(run: CloudRun, now: number): void {
  for (const service of run.state.services.values()) {
    if (service.reconciling) {
      run.state.services.set(service.name, reconcileService(run.state, service, now));
    }
  }
}

/** When the next revision is settled, in milliseconds since the epoch, or null when none is starting. */
export function nextRevisionDue(state: State): number | null {
  let due: number | null = null;
  for (const { outcome } of state.revisions.values()) {
    if (outcome.kind === "starting" && (due === null || outcome.dueTime < due)) {
      due = outcome.dueTime;
    }
  }
  return due;
}

function reconcileService(state: State, service: ServiceRecord, now: number): ServiceRecord {
  settleRevisions(state, service.name, now);
  const ready = { ...service, latestReady: latestReady(state, service) };
  const latest = state.revisions.get(service.latestCreated);
  if (latest?.outcome.kind === "starting") {
    return route(state, ready);
  }
  if (latest?.outcome.kind === "failed") {
    const failure = notReady(latest, latest.outcome.failure);
    return finish(route(state, ready), failure, latest.outcome.time);
  }
  const resolved = resolveTraffic(state, ready);
  const failure = "failure" in resolved ? resolved.failure : null;
  const time = latest?.outcome.time ?? now;
  return finish(route(state, ready), failure, Math.max(time, service.updateTime));
}

function settleRevisions(state: State, service: string, now: number): void {
  for (const revision of revisionsOf(state, service)) {
    const { outcome } = revision;
    if (outcome.kind === "starting" && outcome.dueTime <= now) {
      const { dueTime: time, failure } = outcome;
      state.revisions.set(revision.name, {
        ...revision,
        outcome: failure === null ? { kind: "ready", time } : { kind: "failed", time, failure },
      });
    }
  }
}

function latestReady(state: State, service: ServiceRecord): string | null {
  const ready = revisionsOf(state, service.name).filter(({ outcome }) => outcome.kind === "ready");
  return ready.at(-1)?.name ?? null;
}

/** Serves what is asked for if that is possible; otherwise what was served before stays. */
function route(state: State, service: ServiceRecord): ServiceRecord {
  const resolved = resolveTraffic(state, service);
  if ("failure" in resolved) {
    return service;
  }
  const { served } = resolved;
  return { ...service, served, stable: soleRevision(served) ?? service.stable };
}

function finish(service: ServiceRecord, failure: Failure | null, time: number): ServiceRecord {
  return {
    ...service,
    reconciling: false,
    failure,
    transitionTime: time,
    version: service.version + 1,
    observedGeneration: failure === null ? service.generation : service.observedGeneration,
  };
}

function notReady(revision: RevisionRecord, failure: Failure): Failure {
  return {
    status: failure.status,
    reason: "REVISION_FAILED",
    message: `Revision '${idOf(revision.name)}' is not ready and cannot serve traffic. ${failure.message}`,
  };
}
