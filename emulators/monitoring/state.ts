import { createHash } from "node:crypto";
import type { Clock } from "../kit/clock.ts";
import type { Collection } from "../kit/collection.ts";
import { googleError, type GoogleError } from "../kit/google-error.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { AlertPolicy, Condition, NotificationChannel } from "./rules.ts";

/** An incident of a policy; it is an `alert` in the API. Times in milliseconds since the epoch. */
export type Incident = {
  /** `0.` and a number in base 36; the same in notifications and in the alert's name. */
  readonly id: string;
  readonly project: string;
  /** The policy when the incident opened. */
  readonly policy: AlertPolicy;
  readonly condition: Condition;
  readonly openMs: number;
  readonly closeMs: number | null;
  /** When the condition was last seen violated. */
  readonly dataMs: number;
};

/** Alert policies as they are held. */
export type Policies = Collection<Partial<AlertPolicy>, AlertPolicy>;
/** Notification channels as they are held. */
export type Channels = Collection<Partial<NotificationChannel>, NotificationChannel>;

/** Everything that the emulator knows, with what surrounds it. */
export type Monitoring = {
  readonly policies: Policies;
  readonly channels: Channels;
  /** By id, oldest first. */
  readonly incidents: Map<string, Incident>;
  /** How much was ever made, so that no id comes twice. */
  readonly counts: Map<"made", number>;
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
};

/** A number that was not given out before. */
export function nextNumber({ counts }: Pick<Monitoring, "counts">): number {
  const made = (counts.get("made") ?? 0) + 1;
  counts.set("made", made);
  return made;
}

/** A long number as the service gives out for ids, always the same for the same cause. */
export function numberFor(cause: string): bigint {
  return BigInt(`0x${createHash("sha256").update(cause).digest("hex").slice(0, 16)}`);
}

/** @throws GoogleError UNIMPLEMENTED for a name by a project's number */
export function checkProject(name: unknown): void {
  if (/^projects\/\d+(?:\/|$)/.test(String(name))) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement names by project number.");
  }
}

/** The project id in a name. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

/** The refusal for something that does not exist. */
export function notFound(what: string, name: string): GoogleError {
  return googleError("NOT_FOUND", `${what} ${name} not found.`);
}
