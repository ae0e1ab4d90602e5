import { findGcloud } from "./googles-emulator.ts";
import type { Kind } from "./googles-emulator.ts";

/** The gcloud commands that have Google's emulators. */
export type Official = Readonly<Record<Kind, string>>;

/** How what is missing is put there. Source: https://cloud.google.com/sdk/docs/components */
const MENDS =
  "install Java 11 or newer, and run gcloud components install beta cloud-firestore-emulator pubsub-emulator";

/** Finds Google's emulators of Firestore and Pub/Sub. @returns what is missing, and how it is put there, as a text otherwise */
export function findOfficial(path: string | null): Official | string {
  const firestore = findGcloud("firestore", path);
  const pubsub = findGcloud("pubsub", path);
  if (firestore === null || pubsub === null) {
    const missing = [
      ...(firestore === null ? ["Firestore"] : []),
      ...(pubsub === null ? ["Pub/Sub"] : []),
    ];
    return `Google's emulator of ${missing.join(" and of ")} is not here, or no Java to run it: ${MENDS}; or start without --official`;
  }
  return { firestore, pubsub };
}
