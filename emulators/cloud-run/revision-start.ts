import { suffixFor } from "./identity.ts";
import { ingressContainer, resolveImage } from "./image-reference.ts";
import { isRunnable, refuseImage } from "./runnable.ts";
import type { CloudRun, Failure, RevisionRecord, RunningImage } from "./state.ts";
import type { Container, RevisionTemplate } from "./wire.ts";

/** The label of an image that decides whether its containers start; the value `fail` says no. */
const START_LABEL = "dev.slipway.emulator.start";

const SEQUENCE_DIGITS = 5;
const SUFFIX_LENGTH = 3;

/** What a new revision is made from. */
type RevisionCause = {
  /** `projects/P/locations/L/services/S` */
  readonly service: string;
  readonly serviceUid: string;
  readonly id: string;
  /** How many revisions the service has had, this one included. */
  readonly sequence: number;
  readonly template: RevisionTemplate;
};

/** The short name of a new revision: the one asked for, or `<service>-NNNNN-xyz`. */
export function revisionName(cause: RevisionCause): string {
  const number = String(cause.sequence).padStart(SEQUENCE_DIGITS, "0");
  const suffix = suffixFor(`${cause.serviceUid}/${cause.sequence}`, SUFFIX_LENGTH);
  return cause.template.revision ?? `${cause.id}-${number}-${suffix}`;
}

/**
 * Makes a revision: every image is resolved to its digest now, and stays so. Whether it becomes ready
 * is settled here too; it shows after `readyMs`.
 * Source: https://cloud.google.com/run/docs/managing/revisions
 */
export function startRevision(run: CloudRun, cause: RevisionCause, now: number): RevisionRecord {
  const name = `${cause.service}/revisions/${revisionName(cause)}`;
  const containers = cause.template.containers ?? [];
  const images = containers.map(({ image = "" }) => resolveImage(run.images, image));
  const ingress = containers.indexOf(ingressContainer(containers));
  return {
    name,
    service: cause.service,
    sequence: cause.sequence,
    createTime: now,
    template: { ...cause.template, containers: containers.map(withDigest(images)) },
    image: images[ingress] ?? null,
    outcome: {
      kind: "starting",
      dueTime: now + run.readyMs,
      failure: findFailure(containers, images),
    },
  };
}

function withDigest(
  images: readonly (RunningImage | null)[],
): (container: Container, index: number) => Container {
  return (container, index) => {
    const image = images[index]?.reference ?? container.image;
    return image === undefined ? container : { ...container, image };
  };
}

function findFailure(
  containers: readonly Container[],
  images: readonly (RunningImage | null)[],
): Failure | null {
  for (const [index, container] of containers.entries()) {
    const failure = judgeContainer(container, images[index] ?? null);
    if (failure !== null) {
      return failure;
    }
  }
  return null;
}

function judgeContainer(container: Container, image: RunningImage | null): Failure | null {
  const refused = refuseImage(container.image ?? "", image);
  if (refused !== null || image === null) {
    return refused;
  }
  if (image.labels[START_LABEL] !== "fail" && isRunnable(image)) {
    return null;
  }
  const port = container.ports?.[0]?.containerPort ?? 8080;
  return {
    status: "FAILED_PRECONDITION",
    reason: "HEALTH_CHECK_CONTAINER_ERROR",
    message: `The user-provided container failed to start and listen on the port defined provided by the PORT=${port} environment variable within the allocated timeout. Logs for this revision might contain more information.`,
  };
}
