import { idOf } from "./names.ts";
import {
  type CloudRun,
  type Failure,
  revisionsOf,
  type ServiceRecord,
  type State,
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

function reconcileService(state: State, service: ServiceRecord, now: number): ServiceRecord {
  settleRevisions(state, service.name, now);
  const ready = revisionsOf(state, service.name).findLast(
    ({ outcome }) => outcome.kind === "ready",
  );
  const known = { ...service, latestReady: ready?.name ?? null };
  const { served, failure } = resolveTraffic(state, known);
  // What cannot be served leaves what was served before.
  const routed = failure === null ? withServed(known, served) : known;
  const latest = state.revisions.get(service.latestCreated)?.outcome ?? {
    kind: "ready",
    time: now,
  };
  if (latest.kind === "starting") {
    return routed;
  }
  const why = latest.kind === "failed" ? notReady(service, latest.failure) : failure;
  return finished(routed, why, Math.max(latest.time, service.updateTime));
}

function withServed(service: ServiceRecord, served: ServiceRecord["served"]): ServiceRecord {
  return { ...service, served, stable: soleRevision(served) ?? service.stable };
}

function finished(service: ServiceRecord, failure: Failure | null, time: number): ServiceRecord {
  return {
    ...service,
    reconciling: false,
    failure,
    transitionTime: time,
    version: service.version + 1,
    observedGeneration: failure === null ? service.generation : service.observedGeneration,
  };
}

function notReady({ latestCreated }: ServiceRecord, { status, message }: Failure): Failure {
  return {
    status,
    reason: "REVISION_FAILED",
    message: `Revision '${idOf(latestCreated)}' is not ready and cannot serve traffic. ${message}`,
  };
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
