import type { FieldChange } from "../../shared/domain/apply-plan.ts";

/** What kind of thing a step is about. */
export type ResourceKind =
  | "bucket"
  | "source archive"
  | "custom target type"
  | "target"
  | "delivery pipeline"
  | "schedule"
  | "invokers"
  | "alert policy"
  | "hold"
  | "service";

/** One thing that a specification asks for, compared with what is there. */
export type PlannedStep = {
  readonly kind: ResourceKind;
  /** The full name, as its API has it. */
  readonly name: string;
  readonly action: "create" | "update" | "delete" | "unchanged";
  /** For an update: each field that changes. */
  readonly changes: readonly FieldChange[];
  /** What a person should know, such as that it is managed elsewhere and left alone. */
  readonly notes: readonly string[];
  /**
   * Does what the action says, and waits until it is done. What came in the meantime is never written over.
   * @throws TransientError or PermanentError; planning and doing it again goes on from there.
   */
  readonly perform: () => Promise<void>;
};

/** A step with nothing to do. */
export function unchanged(
  kind: ResourceKind,
  name: string,
  notes: readonly string[] = [],
): PlannedStep {
  return { kind, name, action: "unchanged", changes: [], notes, perform: () => Promise.resolve() };
}

/** A step that makes something that is not there. */
export function creation(
  kind: ResourceKind,
  name: string,
  perform: PlannedStep["perform"],
): PlannedStep {
  return { kind, name, action: "create", changes: [], notes: [], perform };
}
