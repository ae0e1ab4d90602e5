import { toTimestamp } from "../kit/clock.ts";
import { type Condition, conditionOf } from "./conditions.ts";
import { etagFor } from "./identity.ts";
import { uidFor } from "../kit/collection-names.ts";
import { idOf, placeOf } from "./names.ts";
import type { CloudRun, RevisionRecord, ServiceRecord } from "./state.ts";
import type { Viewed } from "./wire.ts";

/** How a service's name and a traffic tag are joined in a path: `tag---service`. */
export const TAG_SEPARATOR = "---";

/** Where a service answers. */
export function serviceUri(run: CloudRun, name: string, tag: string | null): string {
  const { project, location } = placeOf(name);
  const host = tag === null ? idOf(name) : `${tag}${TAG_SEPARATOR}${idOf(name)}`;
  return `${run.baseUrl()}/${project}/${location}/${host}`;
}

/**
 * A service as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export function serviceView(run: CloudRun, service: ServiceRecord): Viewed {
  const { name, latestCreated, latestReady, observedGeneration, reconciling, failure } = service;
  const uri = serviceUri(run, name, null);
  const about = { isUnderWay: reconciling, time: service.transitionTime };
  const isRouteAtFault = latestReady === latestCreated;
  return {
    ...service.spec,
    name,
    uid: service.uid,
    generation: String(service.generation),
    createTime: toTimestamp(service.createTime),
    updateTime: toTimestamp(service.updateTime),
    ...(observedGeneration > 0 ? { observedGeneration: String(observedGeneration) } : {}),
    terminalCondition: conditionOf("Ready", { ...about, failure }),
    conditions: [
      conditionOf("RoutesReady", { ...about, failure: isRouteAtFault ? failure : null }),
      conditionOf("ConfigurationsReady", { ...about, failure: isRouteAtFault ? null : failure }),
    ],
    latestCreatedRevision: latestCreated,
    ...(latestReady === null ? {} : { latestReadyRevision: latestReady }),
    trafficStatuses: service.served.map(({ latest, revision, percent, tag }) => ({
      ...(latest
        ? { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" }
        : { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision }),
      percent,
      ...(tag === null ? {} : { tag, uri: serviceUri(run, name, tag) }),
    })),
    uri,
    urls: [uri],
    reconciling,
    etag: etagFor(name, service.version),
  };
}

/**
 * A revision as the API answers it; what it serves follows from its service.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.revisions
 */
export function revisionView(
  { name, template, createTime, outcome, ...revision }: RevisionRecord,
  service: ServiceRecord | undefined,
): Viewed {
  const { revision: _name, ...shown } = template;
  const id = idOf(name);
  const isUnderWay = outcome.kind === "starting";
  const time = isUnderWay ? createTime : outcome.time;
  const failure = outcome.kind === "failed" ? outcome.failure : null;
  return {
    ...shown,
    name,
    uid: uidFor(`${name}@${createTime}`),
    generation: "1",
    observedGeneration: "1",
    createTime: toTimestamp(createTime),
    updateTime: toTimestamp(time),
    launchStage: "GA",
    service: idOf(revision.service),
    reconciling: isUnderWay,
    conditions: [
      ...["Ready", "ContainerReady", "ContainerHealthy"].map((type) =>
        conditionOf(type, { isUnderWay, failure, time }),
      ),
      conditionOf("ResourcesAvailable", { isUnderWay, failure: null, time }),
      activeCondition(name, service, time),
    ],
    logUri: `https://console.cloud.google.com/logs/viewer?project=${placeOf(name).project}&advancedFilter=resource.labels.revision_name%3D%22${id}%22`,
    etag: etagFor(name, outcome.kind),
  };
}

function activeCondition(
  name: string,
  service: ServiceRecord | undefined,
  time: number,
): Condition {
  const active = conditionOf("Active", { isUnderWay: false, failure: null, time });
  const isServing = (service?.served ?? []).some(
    ({ revision, percent }) => revision === idOf(name) && percent > 0,
  );
  const revisionReason = isRetired({ name }, service) ? "RETIRED" : "RESERVE";
  return isServing
    ? active
    : { ...active, state: "CONDITION_FAILED", severity: "INFO", revisionReason };
}

/** Whether a revision may be deleted: it serves nothing, has no tag and is not the newest. */
export function isRetired(
  { name }: Pick<RevisionRecord, "name">,
  service: ServiceRecord | undefined,
): boolean {
  const isRouted = (service?.served ?? []).some(({ revision }) => revision === idOf(name));
  return !isRouted && service?.latestCreated !== name && service?.latestReady !== name;
}
