import { googleError } from "../kit/google-error.ts";
import { HISTORY_MICROS } from "./documents.ts";
import type { Engine } from "./engine.ts";

/**
 * Checks a time to read at, in microseconds since the epoch.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents/batchGet
 * @throws GoogleError INVALID_ARGUMENT when it is to come, FAILED_PRECONDITION when it is more than an
 * hour ago (the code is unconfirmed).
 */
export function checkReadTime(engine: Engine, micros: number): number {
  const now = engine.timeline.readTime();
  if (micros > now) {
    throw googleError("INVALID_ARGUMENT", "The requested 'read_time' cannot be in the future.");
  }
  if (micros < now - HISTORY_MICROS) {
    throw googleError("FAILED_PRECONDITION", "The requested 'read_time' is too old.");
  }
  return micros;
}
