import { isRunnable, resolveImages, type ResolvedImages } from "./images.ts";
import type { CloudRun, Failure, RevisionRecord, ServiceRecord } from "./state.ts";
import type { RevisionTemplate } from "./wire.ts";

/** The label of an image that decides whether its containers start; the value `fail` says no. */
const START_LABEL = "dev.slipway.emulator.start";

/**
 * Makes the revision that a service has as its newest: every image is resolved to its digest now, and stays so. Whether
 * it becomes ready is settled here too; it shows after `readyMs`.
 * Source: https://cloud.google.com/run/docs/managing/revisions
 */
export function startRevision(
  run: CloudRun,
  { service, template }: { readonly service: ServiceRecord; readonly template: RevisionTemplate },
  now: number,
): RevisionRecord {
  const resolved = resolveImages(run.images, template.containers);
  return {
    name: service.latestCreated,
    service: service.name,
    createTime: now,
    template: { ...template, containers: resolved.containers },
    image: resolved.own,
    outcome: {
      kind: "starting",
      dueTime: now + run.times.readyMs,
      failure: resolved.failure ?? startFailure(resolved),
    },
  };
}

function startFailure({ containers, images }: ResolvedImages): Failure | null {
  const at = images.findIndex(
    (image) => image !== null && (image.labels[START_LABEL] === "fail" || !isRunnable(image)),
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
