import type { ServiceEvent } from "./event.ts";

/** A field that is to change: what it is now, for a person to read, and what it will be. */
export type FieldChange = { readonly field: string; readonly from: string; readonly to: string };

/** A change, or none when both are the same. */
export function changeOf(field: string, from: string, to: string): readonly FieldChange[] {
  return from === to ? [] : [{ field, from, to }];
}

/** One thing that applying a specification changes in what is recorded. */
export type ApplyStep = {
  readonly kind: "service" | "hold";
  readonly name: string;
  readonly action: "create" | "update" | "delete" | "unchanged";
  /** For an update: each field that changes. */
  readonly changes: readonly FieldChange[];
};

/** What applying it would change, and the events that change it; none when nothing would. */
export type ApplyPlan = {
  readonly steps: readonly ApplyStep[];
  readonly events: readonly ServiceEvent[];
};
