import type { Severity } from "./policy.ts";
import type { Instant } from "./time.ts";

/** An open alert of Cloud Monitoring that concerns an environment. */
export type Incident = {
  /** The alert's id, the last part of its name. */
  readonly id: string;
  /** The alert policy's display name. */
  readonly policy: string;
  /** `UNKNOWN` if the policy has no severity, or an unknown one. It counts as the worst. */
  readonly severity: Severity | "UNKNOWN";
  readonly openedAt: Instant;
};

/** What is known of an environment's incidents: as read at a moment, or why they could not be read. */
export type IncidentReading =
  | { readonly kind: "never" }
  | { readonly kind: "read"; readonly at: Instant; readonly open: readonly Incident[] }
  | { readonly kind: "unreadable"; readonly at: Instant; readonly reason: string };

/** Whether two readings say the same, though at different times. */
export function isSameReading(one: IncidentReading, other: IncidentReading): boolean {
  if (one.kind === "read" && other.kind === "read") {
    return (
      one.open.length === other.open.length &&
      one.open.every((incident, index) => isSameIncident(incident, other.open[index]))
    );
  }
  return one.kind === "unreadable" && other.kind === "unreadable" && one.reason === other.reason;
}

function isSameIncident(one: Incident, other: Incident | undefined): boolean {
  return (
    one.id === other?.id &&
    one.policy === other.policy &&
    one.severity === other.severity &&
    one.openedAt === other.openedAt
  );
}
