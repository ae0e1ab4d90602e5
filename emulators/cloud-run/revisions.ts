import { toTimestamp } from "../kit/clock.ts";
import { uidFor, idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import { conditionOf } from "./conditions.ts";
import { isRunnable, resolveImages, type ResolvedImages } from "./images.ts";
import { placeOf } from "./names.ts";
import type { ServiceSpec } from "./spec.ts";
import type { CloudRun, Failure, Revision, Service, ServiceOwn } from "./state.ts";

/** The label of an image that decides whether its containers start; the value `fail` says no. */
const START_LABEL = "dev.slipway.emulator.start";

/**
 * Makes the revision that a service has as its newest: every image is resolved to its digest now, and stays so. Whether
 * it becomes ready is settled here too; it shows when it is due.
 * Source: https://cloud.google.com/run/docs/managing/revisions
 */
export function startRevision(
  run: CloudRun,
  { latestCreatedRevision: name, template, hidden }: ServiceSpec & ServiceOwn,
  dueMs: number,
): void {
  const { revision: _name, ...shown } = template;
  const resolved = resolveImages(run.images, template.containers);
  const createTime = toTimestamp(hidden.changedMs);
  const { project } = placeOf(name);
  run.revisions.records.set(name, {
    ...shown,
    containers: resolved.containers,
    name,
    uid: uidFor(`${name}@${createTime}`),
    generation: "1",
    observedGeneration: "1",
    createTime,
    updateTime: toTimestamp(dueMs),
    launchStage: "GA",
    service: name.split("/")[5],
    logUri: `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=resource.labels.revision_name%3D%22${idOf(name)}%22`,
    hidden: { image: resolved.own, dueMs, failure: resolved.failure ?? startFailure(resolved) },
  });
}

function startFailure({ containers, images }: ResolvedImages): Failure | null {
  const at = images.findIndex(
    (image) =>
      image !== null && (image.config.labels[START_LABEL] === "fail" || !isRunnable(image)),
  );
  const port = containers[at]?.ports?.[0]?.containerPort ?? 8080;
  return at < 0
    ? null
    : {
        status: "FAILED_PRECONDITION",
        reason: "HEALTH_CHECK_CONTAINER_ERROR",
        message: `The user-provided container failed to start and listen on the port defined provided by the PORT=${port} environment variable within the allocated timeout. Logs for this revision might contain more information.`,
      };
}

/**
 * A revision as the API answers it; what it serves follows from its service.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.revisions
 */
export function revisionView(run: CloudRun, revision: Revision): object {
  const { dueMs, failure } = revision.hidden;
  const isUnderWay = run.now() < dueMs;
  const about = { isUnderWay, failure, timeMs: dueMs };
  const service = serviceOf(run, revision);
  const isServing = (service?.hidden.served ?? []).some(
    ({ revision: id, percent }) => id === idOf(revision.name) && percent > 0,
  );
  const active = conditionOf("Active", { ...about, isUnderWay: false, failure: null });
  const revisionReason = isRetired(revision, service) ? "RETIRED" : "RESERVE";
  return {
    ...revision,
    reconciling: isUnderWay,
    conditions: [
      ...["Ready", "ContainerReady", "ContainerHealthy"].map((type) => conditionOf(type, about)),
      conditionOf("ResourcesAvailable", { ...about, failure: null }),
      isServing
        ? active
        : { ...active, state: "CONDITION_FAILED", severity: "INFO", revisionReason },
    ],
  };
}

/** @throws GoogleError FAILED_PRECONDITION for a revision that may not be deleted */
export function checkRetired(run: CloudRun, revision: Revision): void {
  if (!isRetired(revision, serviceOf(run, revision))) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Revision '${idOf(revision.name)}' cannot be deleted: it has traffic or a tag, or is the latest of its service.`,
    );
  }
}

function serviceOf(run: CloudRun, { name }: Revision): Service | undefined {
  return run.services.records.get(name.slice(0, name.indexOf("/revisions/")));
}

/** Whether a revision serves nothing, has no tag and is not the newest. */
export function isRetired({ name }: Revision, service: Service | undefined): boolean {
  const isRouted = (service?.hidden.served ?? []).some(({ revision }) => revision === idOf(name));
  return (
    !isRouted && service?.latestCreatedRevision !== name && service?.latestReadyRevision !== name
  );
}
