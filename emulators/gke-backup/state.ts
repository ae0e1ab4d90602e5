import { z } from "zod";
import type { Begin } from "../kit/collection.ts";
import type { Due } from "../kit/pace.ts";

/** The data of namespaces: the text of each, or null where its volumes were left out. */
export type Contents = Readonly<Record<string, string | null>>;

/** A failure to come: the next backup or restore of a plan ends in FAILED with the message. */
export type PlannedFailure = {
  /** The full name of a backup plan or restore plan. */
  readonly plan: string;
  readonly message: string;
};

/** How long things take, in milliseconds. */
export type Durations = {
  readonly operationMs: number;
  /** How long a backup takes until it has succeeded, from its creation on. */
  readonly backupMs: number;
  /** The same for a restore. */
  readonly restoreMs: number;
};

/** What the kinds of resources share. */
export type GkeBackup = {
  /**
   * What a namespace of a cluster holds, by `projects/P/locations/L/clusters/C/namespaces/N`; it exists when it holds
   * something. Versions count from 1.
   */
  readonly contents: Map<string, { readonly version: number; readonly text: string }>;
  /** By plan. */
  readonly failures: Map<string, PlannedFailure>;
  readonly durations: Durations;
  readonly begin: Begin;
};

/** The states of a backup and of a restore that occur here. */
export type WorkState = "CREATING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "DELETING";

/** Whether a backup or restore has come to its end. */
export function isEnded(state: WorkState): boolean {
  return state === "SUCCEEDED" || state === "FAILED";
}

/** A resource that goes on by itself: when it does next, null for never. */
type Moving = { readonly hidden: { readonly nextMs: number | null } };

/** Resources that go on by themselves. */
export type Moves<Resource extends Moving> = {
  readonly records: ReadonlyMap<string, Resource>;
  readonly move: (resource: Resource, atMs: number) => void;
};

/** What is due among them. */
export function* movesOf<Resource extends Moving>({
  records,
  move,
}: Moves<Resource>): Generator<Due> {
  for (const resource of records.values()) {
    const { nextMs: atMs } = resource.hidden;
    if (atMs !== null) {
      yield { atMs, happen: () => move(resource, atMs) };
    }
  }
}

/** The failure planned for a plan, which then is none any more. */
export function takeFailure({ failures }: GkeBackup, plan: string): string | null {
  const planned = failures.get(plan);
  failures.delete(plan);
  return planned?.message ?? null;
}

const Namespaces = z.strictObject({ namespaces: z.array(z.string()).optional() });

/** The namespaces that are meant; `selectedApplications` is not emulated. */
export const SCOPE = {
  allNamespaces: z.boolean().optional(),
  selectedNamespaces: Namespaces.optional(),
  selectedApplications: z.unknown().optional(),
};

/** The namespaces that are meant. */
export type Scope = {
  readonly allNamespaces?: boolean | undefined;
  readonly selectedNamespaces?: { readonly namespaces?: readonly string[] | undefined } | undefined;
};

/** Whether a namespace is meant. */
export function isMeant({ allNamespaces, selectedNamespaces }: Scope, namespace: string): boolean {
  return allNamespaces === true || (selectedNamespaces?.namespaces ?? []).includes(namespace);
}

/** Fields that callers may give every resource. */
export const DESCRIBED = {
  description: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
};
