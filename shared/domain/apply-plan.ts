import type { ServiceEvent } from "./event.ts";

/** A field that will change: its value now and its value then, for a person to read. */
export type FieldChange = { readonly field: string; readonly from: string; readonly to: string };

/** The change of a field as a list of one; empty when both values are the same. */
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

/** What applying a specification would change, and the events that would change it; no event if nothing changes. */
export type ApplyPlan = {
  readonly steps: readonly ApplyStep[];
  readonly events: readonly ServiceEvent[];
};
