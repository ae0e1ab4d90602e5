import type { Failure, RunningImage } from "./state.ts";

/** The one platform there is. Source: https://cloud.google.com/run/docs/container-contract#languages */
const PLATFORM = "linux/amd64";

/** Whether an image can be started: of what nobody knows the platform, that is believed. */
export function isRunnable({ runsOn }: Pick<RunningImage, "runsOn">): boolean {
  return runsOn === undefined || runsOn.platforms.includes(PLATFORM);
}

/**
 * That an image, as far as it is there, is none for Cloud Run: it is not in the registry, or an index without one for
 * the platform. A single image for another platform is taken, and does not start.
 * Source of the second: https://github.com/GoogleCloudPlatform/jit-groups/issues/693; its reason is unconfirmed.
 */
export function refuseImage(reference: string, image: RunningImage | null): Failure | null {
  if (image === null) {
    return {
      status: "NOT_FOUND",
      reason: "CONTAINER_MISSING",
      message: `Image '${reference}' not found.`,
    };
  }
  const index = image.runsOn?.index ?? null;
  return index === null || isRunnable(image)
    ? null
    : {
        status: "FAILED_PRECONDITION",
        reason: "CONTAINER_MISSING",
        message: `Cloud Run does not support image '${reference}': Container manifest type '${index}' must support amd64/linux.`,
      };
}
