import { createHash } from "node:crypto";
import type { Clock } from "../kit/clock.ts";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { AlertPolicy, Condition, NotificationChannel } from "./rules.ts";

/** A dashboard; its layout is kept as it was given. */
export type Dashboard = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly etag: string;
};

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
  readonly observedValue: string;
};

/** Everything that the emulator knows. */
export type State = {
  readonly dashboards: Map<string, Dashboard>;
  readonly policies: Map<string, AlertPolicy>;
  readonly channels: Map<string, NotificationChannel>;
  /** By id, oldest first. */
  readonly incidents: Map<string, Incident>;
  /** How much was ever made, so that no id comes twice. */
  readonly counts: Map<"made", number>;
};

/** The state with what surrounds it; every operation takes it first. */
export type Monitoring = {
  readonly state: State;
  /** A project's number by its id. */
  readonly numberOf: (project: string) => string;
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    dashboards: new Map(),
    policies: new Map(),
    channels: new Map(),
    incidents: new Map(),
    counts: new Map(),
  };
}

/** A number that was not given out before. */
export function nextNumber(state: State): number {
  const made = (state.counts.get("made") ?? 0) + 1;
  state.counts.set("made", made);
  return made;
}

/** A long number as the service gives out for ids, always the same for the same cause. */
export function numberFor(cause: string): bigint {
  return BigInt(`0x${createHash("sha256").update(cause).digest("hex").slice(0, 16)}`);
}

/** Reads `projects/P`. @throws GoogleError INVALID_ARGUMENT */
export function parseProject(name: string | undefined): string {
  return parse(name, /^projects\/[^/]+$/, "be projects/{project_id}");
}

/** Reads the name of something in a project. @throws GoogleError INVALID_ARGUMENT */
export function parseName(collection: string, name: string | undefined): string {
  const form = new RegExp(`^projects/[^/]+/${collection}/[^/]+$`);
  return parse(name, form, `begin with 'projects/{project_id}/${collection}/{id}'`);
}

function parse(name: string | undefined, form: RegExp, words: string): string {
  if (name === undefined || !form.test(name)) {
    throw badRequest("name", `Name must ${words}, got: ${name ?? ""}`);
  }
  if (/^\d+$/.test(projectOf(name))) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement names by project number.");
  }
  return name;
}

/** The project id in a name. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

/** Those of some records that are in `projects/P`. */
export function recordsIn<T extends { readonly name: string }>(
  records: ReadonlyMap<string, T>,
  project: string,
): readonly T[] {
  return [...records.values()].filter(({ name }) => name.startsWith(`${project}/`));
}

/** The refusal for something that does not exist. */
export function notFound(what: string, name: string): GoogleError {
  return googleError("NOT_FOUND", `${what} ${name} not found.`);
}
