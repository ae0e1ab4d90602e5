import type { ServiceEvent } from "./event.ts";

/** One thing that applying a specification changes in what is recorded. */
export type ApplyStep = {
  readonly kind: "service" | "hold";
  readonly name: string;
  readonly action: "create" | "update" | "delete" | "unchanged";
  /** For an update: each field that changes, what it is now and what it will be. */
  readonly changes: readonly {
    readonly field: string;
    readonly from: string;
    readonly to: string;
  }[];
};

/** What applying it would change, and the events that change it; none when nothing would. */
export type ApplyPlan = {
  readonly steps: readonly ApplyStep[];
  readonly events: readonly ServiceEvent[];
};
