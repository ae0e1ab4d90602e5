import { toTimestamp } from "../kit/clock.ts";
import { etagFor, uidFor } from "./identity.ts";
import { idOf, placeOf } from "./names.ts";
import {
  type CloudRun,
  type Failure,
  type RevisionRecord,
  type ServedTarget,
  type ServiceRecord,
} from "./state.ts";
import type { Condition, Revision, Service } from "./wire.ts";

/** How a service's name and a traffic tag are joined in a path: `tag---service`. */
export const TAG_SEPARATOR = "---";

/** Where a service answers. */
export function serviceUri(run: CloudRun, name: string, tag: string | null): string {
  const { project, location } = placeOf(name);
  const host = tag === null ? idOf(name) : `${tag}${TAG_SEPARATOR}${idOf(name)}`;
  return `${run.baseUrl()}/${project}/${location}/${host}`;
}

/** A service as the API answers it. */
export function serviceView(run: CloudRun, service: ServiceRecord): Service {
  const uri = serviceUri(run, service.name, null);
  const { latestReady, observedGeneration } = service;
  return {
    ...service.spec,
    name: service.name,
    uid: service.uid,
    generation: String(service.generation),
    createTime: toTimestamp(service.createTime),
    updateTime: toTimestamp(service.updateTime),
    ...(observedGeneration > 0 ? { observedGeneration: String(observedGeneration) } : {}),
    terminalCondition: serviceCondition(service, "Ready", service.failure),
    conditions: [
      serviceCondition(service, "RoutesReady", routesFailure(service)),
      serviceCondition(service, "ConfigurationsReady", configurationsFailure(service)),
    ],
    latestCreatedRevision: service.latestCreated,
    ...(latestReady === null ? {} : { latestReadyRevision: latestReady }),
    trafficStatuses: service.served.map((target) => trafficStatus(run, service, target)),
    uri,
    urls: [uri],
    reconciling: service.reconciling,
    etag: etagFor(service.name, service.version),
  };
}

/** A service that is gone, as the answer to its deletion shows it. */
export function deletedServiceView(run: CloudRun, service: ServiceRecord, now: number): Service {
  const deleteTime = toTimestamp(now);
  return { ...serviceView(run, service), deleteTime, expireTime: deleteTime };
}

function trafficStatus(
  run: CloudRun,
  service: ServiceRecord,
  target: ServedTarget,
): Service["trafficStatuses"][number] {
  const { latest, revision, percent, tag } = target;
  return {
    ...(latest
      ? { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" }
      : { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision }),
    percent,
    ...(tag === null ? {} : { tag, uri: serviceUri(run, service.name, tag) }),
  };
}

function serviceCondition(
  service: ServiceRecord,
  type: string,
  failure: Failure | null,
): Condition {
  const lastTransitionTime = toTimestamp(service.transitionTime);
  if (service.reconciling) {
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  if (failure === null) {
    return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
  }
  const { message, reason } = failure;
  return { type, state: "CONDITION_FAILED", message, lastTransitionTime, reason };
}

function routesFailure(service: ServiceRecord): Failure | null {
  return service.latestReady === service.latestCreated ? service.failure : null;
}

function configurationsFailure(service: ServiceRecord): Failure | null {
  return service.latestReady === service.latestCreated ? null : service.failure;
}

/** A revision as the API answers it; what it serves follows from its service. */
export function revisionView(
  revision: RevisionRecord,
  service: ServiceRecord | undefined,
): Revision {
  const { revision: _name, ...template } = revision.template;
  const { project } = placeOf(revision.name);
  const updated = settledTime(revision);
  return {
    ...template,
    name: revision.name,
    uid: uidFor(`${revision.name}@${revision.createTime}`),
    generation: "1",
    observedGeneration: "1",
    createTime: toTimestamp(revision.createTime),
    updateTime: toTimestamp(updated),
    launchStage: "GA",
    service: idOf(revision.service),
    reconciling: revision.outcome.kind === "starting",
    conditions: revisionConditions(revision, service),
    logUri: `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=resource.labels.revision_name%3D%22${idOf(revision.name)}%22`,
    etag: etagFor(revision.name, revision.outcome.kind),
  };
}

function settledTime(revision: RevisionRecord): number {
  return revision.outcome.kind === "starting" ? revision.createTime : revision.outcome.time;
}

function revisionConditions(
  revision: RevisionRecord,
  service: ServiceRecord | undefined,
): readonly Condition[] {
  const lastTransitionTime = toTimestamp(settledTime(revision));
  const { outcome } = revision;
  const failure = outcome.kind === "failed" ? outcome.failure : null;
  const isStarting = outcome.kind === "starting";
  const about = { isStarting, lastTransitionTime };
  return [
    settledCondition("Ready", failure, about),
    settledCondition("ContainerReady", failure, about),
    settledCondition("ContainerHealthy", failure, about),
    settledCondition("ResourcesAvailable", null, about),
    activeCondition(revision, service),
  ];
}

function settledCondition(
  type: string,
  failure: Failure | null,
  about: { readonly isStarting: boolean; readonly lastTransitionTime: string },
): Condition {
  const { isStarting, lastTransitionTime } = about;
  if (isStarting) {
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  return failure === null
    ? { type, state: "CONDITION_SUCCEEDED", lastTransitionTime }
    : { type, state: "CONDITION_FAILED", lastTransitionTime, ...whyFailed(failure) };
}

function whyFailed(failure: Failure): Pick<Condition, "message" | "reason" | "revisionReason"> {
  const { message, reason } = failure;
  return reason === "HEALTH_CHECK_CONTAINER_ERROR"
    ? { message, revisionReason: reason }
    : { message, reason };
}

/** Whether a revision may be deleted: it serves nothing, has no tag and is not the newest. */
export function isRetired(revision: RevisionRecord, service: ServiceRecord | undefined): boolean {
  const isRouted = (service?.served ?? []).some(
    (target) => target.revision === idOf(revision.name),
  );
  const isLatest = [service?.latestCreated, service?.latestReady].includes(revision.name);
  return !isRouted && !isLatest;
}

function activeCondition(revision: RevisionRecord, service: ServiceRecord | undefined): Condition {
  const type = "Active";
  const lastTransitionTime = toTimestamp(settledTime(revision));
  const isServing = (service?.served ?? []).some(
    (target) => target.revision === idOf(revision.name) && target.percent > 0,
  );
  if (isServing) {
    return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
  }
  const revisionReason = isRetired(revision, service) ? "RETIRED" : "RESERVE";
  const severity = "INFO";
  return { type, state: "CONDITION_FAILED", lastTransitionTime, severity, revisionReason };
}
