import type { FactKind } from "./audit-record.ts";

/**
 * The kinds of record that tell, beside deployments, what happened to services: what somebody wants to know who asks what
 * changed. Found over all services by their time.
 */
const HAPPENINGS: ReadonlySet<FactKind> = new Set<FactKind>([
  "service.applied",
  "service.removed",
  "rights.changed",
  "promotion.failed",
  "promotion.rolled-back",
  "gates.broken",
  "release.marked-bad",
  "release.unmarked-bad",
  "migration.finished",
  "restore.finished",
  "incident.opened",
  "incident.closed",
  "hold.placed",
  "hold.lifted",
  "hold.expired",
  "drift.detected",
  "drift.resolved",
  "rollout.foreign",
]);

/** Whether a record tells of something that happened to a service. */
export function isHappening({ kind }: { readonly kind: FactKind }): boolean {
  return HAPPENINGS.has(kind);
}
