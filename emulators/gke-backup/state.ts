import { z } from "zod";
import { toTimestamp } from "../kit/clock.ts";
import type { Begin } from "../kit/collection.ts";
import type { Content } from "../kit/content-routes.ts";
import { googleError, type GoogleError } from "../kit/google-error.ts";

/** A failure to come: the next backup or restore of a plan ends in FAILED with the message. */
export type PlannedFailure = {
  /** The full name of a backup plan or restore plan. */
  readonly plan: string;
  readonly message: string;
};

/** What the kinds of resources share. */
export type GkeBackup = {
  /**
   * What a namespace of a cluster holds, by `projects/P/locations/L/clusters/C/namespaces/N`; it exists when it holds
   * something. Versions count from 1.
   */
  readonly contents: Map<string, Content>;
  /** By plan. */
  readonly failures: Map<string, PlannedFailure>;
  /** In milliseconds; of a backup or restore from its creation on. */
  readonly durations: Readonly<Record<"operationMs" | "backupMs" | "restoreMs", number>>;
  readonly begin: Begin;
  readonly now: () => number;
};

/** A backup or a restore as it will be: its end is known when it begins. */
export type Work = {
  readonly hidden: {
    /** When it is IN_PROGRESS. */
    readonly startMs: number;
    readonly endMs: number;
    /** Why it fails; null when it succeeds. */
    readonly failure: string | null;
  };
};

/** Begins a backup or a restore of a plan. */
export function newWork(
  { durations: { operationMs }, failures }: GkeBackup,
  { plan, runMs, nowMs }: { readonly plan: string; readonly runMs: number; readonly nowMs: number },
): Work["hidden"] {
  const failure = failures.get(plan)?.message ?? null;
  failures.delete(plan);
  const startMs = nowMs + operationMs;
  return { startMs, endMs: Math.max(startMs, nowMs + runMs), failure };
}

/** What a backup or a restore says of itself at a time. */
export function soFar(
  { hidden: { startMs, endMs, failure } }: Work,
  nowMs: number,
): { readonly state: string; readonly stateReason?: string; readonly completeTime?: string } {
  if (nowMs < endMs) {
    return { state: nowMs < startMs ? "CREATING" : "IN_PROGRESS" };
  }
  const completeTime = toTimestamp(endMs);
  return failure === null
    ? { completeTime, state: "SUCCEEDED" }
    : { completeTime, state: "FAILED", stateReason: failure };
}

/** The refusal of what the state of a resource does not allow. */
export function notNow(message: string): GoogleError {
  return googleError("FAILED_PRECONDITION", message);
}

/** How ids look in this API. */
export const IDS = {
  pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  rule: "1 to 63 lower-case letters, numbers and dashes, starting with a letter and not ending with a dash",
};

/** How many a page of a list has. */
export const PAGES = { defaultSize: 100, maxSize: 1000 };

/** Fields that callers may give every resource. */
export const DESCRIBED = {
  description: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
};

/** The name of a cluster. */
export const Cluster = z
  .string()
  .regex(
    /^projects\/[^/]+\/(?:locations|zones)\/[^/]+\/clusters\/[^/]+$/,
    "it must be a cluster's name, projects/*/locations/*/clusters/*",
  );

/** A field that is refused by its name. */
export const NotHere = z.unknown().optional();

/** The namespaces that are meant: all, or some. */
export const SCOPE = {
  allNamespaces: z.literal(true).optional(),
  selectedNamespaces: z.strictObject({ namespaces: z.array(z.string()).min(1) }).optional(),
};

/** The namespaces that are meant. */
export type Scope = Readonly<z.infer<z.ZodObject<typeof SCOPE>>>;

/** Whether one scope is said. */
export function isOneScope({ allNamespaces, selectedNamespaces }: Scope): boolean {
  return (allNamespaces === undefined) !== (selectedNamespaces === undefined);
}

/** Whether a namespace is meant. */
export function isMeant({ allNamespaces, selectedNamespaces }: Scope, namespace: string): boolean {
  return allNamespaces === true || selectedNamespaces?.namespaces.includes(namespace) === true;
}
