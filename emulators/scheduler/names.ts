import { createHash } from "node:crypto";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";

const PARENT = /^projects\/[A-Za-z0-9:.-]+\/locations\/[^/]+$/;
const JOB = /^(projects\/[A-Za-z0-9:.-]+\/locations\/[^/]+)\/jobs\/[\w-]{1,500}$/;

/**
 * Checks `projects/P/locations/L` and returns it.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkParent(parent: string | undefined): string {
  if (parent === undefined || !PARENT.test(parent)) {
    throw badRequest("parent", `parent must be projects/P/locations/L, not "${parent ?? ""}".`);
  }
  return parent;
}

/**
 * Checks the full name of a job and returns it.
 * Source: google/cloud/scheduler/v1/job.proto
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkJobName(name: string | undefined): string {
  if (name === undefined || !JOB.test(name)) {
    throw badRequest(
      "name",
      'Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>".',
    );
  }
  return name;
}

/** The location that a job is in. */
export function parentOf(name: string): string {
  return JOB.exec(name)?.[1] ?? "";
}

/** The last part of a name; the only part that requests carry. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The project id of a name. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

/** An id for a job that came without one, always the same for the same cause. */
export function idFor(cause: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(cause).digest("hex").slice(0, 16)}`);
  return String(digits);
}

/** The refusal for a job that does not exist. */
export function jobNotFound(name: string): GoogleError {
  return googleError("NOT_FOUND", `Job ${name} not found.`);
}
