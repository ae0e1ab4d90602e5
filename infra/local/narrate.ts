import type { z } from "zod";
import type { AuditView, TimelineView } from "../../shared/wire/api/schemas.ts";

type AuditRecord = z.infer<typeof AuditView>;
type TimelineEntry = z.infer<typeof TimelineView>;

/** What a record tells a person, in a line. */
export function tell(record: AuditRecord): string {
  const time = record.time.slice("2026-01-01T".length, -1);
  const where = record.environment === null ? "" : ` ${record.environment}`;
  return `  ${time}${where.padEnd(6)}  ${sentence(record)}`;
}

const SENTENCES: Readonly<Record<string, (record: AuditRecord) => string>> = {
  "service.applied": ({ by }) => `specification applied by ${by}`,
  "release.created": ({ release, details }) =>
    `release ${release ?? ""} made of image ${details["tag"] ?? details["image"] ?? ""}`,
  "promotion.requested": ({ by, reason, details }) =>
    `${details["kind"] ?? ""} promotion asked for by ${by}${reason === null ? "" : `: ${reason}`}`,
  "promotion.waiting": ({ reason }) => `waits: ${reason ?? ""}`,
  "promotion.started": ({ gates }) =>
    `gates open (${gates.map(({ gate }) => gate).join(", ")}), promotion started`,
  "pipeline.release-created": ({ details }) =>
    `Cloud Deploy has the release in ${details["pipeline"] ?? ""}`,
  "rollout.created": ({ details }) => `rollout to ${details["target"] ?? ""} created`,
  "rollout.advanced": ({ details }) => `rollout advanced to ${details["phase"] ?? ""}`,
  "promotion.succeeded": ({ details }) => `deployed: ${details["tag"] ?? details["image"] ?? ""}`,
  "promotion.failed": ({ reason }) => `failed: ${reason ?? ""}`,
  "promotion.superseded": ({ release, reason }) => `${release ?? ""} passed over: ${reason ?? ""}`,
};

function sentence(record: AuditRecord): string {
  return SENTENCES[record.kind]?.(record) ?? `${record.kind} ${record.reason ?? ""}`;
}

/** A timeline as a table. */
export function timelineTable(entries: readonly TimelineEntry[]): readonly string[] {
  const rows = entries.map(({ environment, tag, release, kind, from, to }) => [
    environment,
    tag ?? release,
    kind,
    from,
    to ?? "now",
  ]);
  const all = [["ENVIRONMENT", "RELEASE", "KIND", "FROM", "TO"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}`,
  );
}
