import { shorten } from "../text.ts";
import type { Instant } from "../time.ts";

/** The gates that can be broken. */
export const BREAKABLE = [
  "order",
  "bad-release",
  "provenance",
  "hold",
  "window",
  "incident",
  "soak",
  "approval",
] as const;

/** A gate that can be broken. */
export type BreakableGate = (typeof BREAKABLE)[number];

/** The conditions on a promotion. Nobody can break `busy`: two promotions at once would harm the environment. */
export const GATES = [...BREAKABLE, "busy"] as const;

/** A condition on a promotion; see `GATES`. */
export type GateName = (typeof GATES)[number];

/** What a gate says now. `opensAt` is when a closed gate opens by itself; null if only an event opens it. */
export type Verdict =
  /** `reason` says what opened the gate, such as who signed; missing where there is nothing to say. */
  | { readonly kind: "OPEN"; readonly reason?: string }
  | { readonly kind: "WARNING"; readonly reason: string }
  | { readonly kind: "CLOSED"; readonly reason: string; readonly opensAt: Instant | null };

/** A gate's verdict on one promotion, and since when the verdict has been the same. */
export type GateReport = {
  readonly gate: GateName;
  readonly verdict: Verdict;
  readonly since: Instant;
};

/** An open gate. */
export const OPEN: Verdict = { kind: "OPEN" };

/** An open gate, and what opened it. */
export function opened(reason: string): Verdict {
  return { kind: "OPEN", reason: shorten(reason, GATE_REASON_LENGTH_MAX) };
}

/** How long a gate's reason may be. It is short because each promotion that waits keeps a copy. */
export const GATE_REASON_LENGTH_MAX = 600;

/** A gate that is closed until an event opens it, or until `opensAt`. */
export function closed(reason: string, opensAt: Instant | null = null): Verdict {
  return { kind: "CLOSED", reason: shorten(reason, GATE_REASON_LENGTH_MAX), opensAt };
}

/** An open gate, with something that a person should know. */
export function warning(reason: string): Verdict {
  return { kind: "WARNING", reason: shorten(reason, GATE_REASON_LENGTH_MAX) };
}

/** Whether the report is of a closed gate. */
export function isClosed(report: GateReport): boolean {
  return report.verdict.kind === "CLOSED";
}
