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

type Sentence = (record: AuditRecord) => string;

const PROMOTIONS: Readonly<Record<string, Sentence>> = {
  "promotion.requested": ({ by, reason, details }) =>
    `${details["kind"] ?? ""} promotion requested by ${by}${because(reason)}`,
  "promotion.waiting": ({ reason }) => `waits: ${reason ?? ""}`,
  "promotion.approved": ({ by, reason }) => `approved by ${by}${because(reason)}`,
  "promotion.started": ({ gates }) =>
    `gates open (${gates.map(({ gate }) => gate).join(", ")}), promotion started`,
  "promotion.succeeded": ({ release, details }) => `done: ${details["tag"] ?? release ?? ""}`,
  "promotion.failed": ({ reason }) => `failed: ${reason ?? ""}`,
  "promotion.cancelled": ({ by, reason }) => `cancelled by ${by}${because(reason)}`,
  "promotion.rejected": ({ by, reason }) => `rejected by ${by}${because(reason)}`,
  "promotion.superseded": ({ release, reason }) => `${release ?? ""} passed over: ${reason ?? ""}`,
  "promotion.rolled-back": ({ reason, details }) =>
    `rolled back to ${details["to"] ?? "what was before"}${because(reason)}`,
  "gates.broken": ({ by, reason, details }) =>
    `${by} breaks the glass of ${details["gates"] ?? "closed gates"}${because(reason)}`,
};

const DEPLOYMENTS: Readonly<Record<string, Sentence>> = {
  "service.applied": ({ by }) => `specification applied by ${by}`,
  "release.created": ({ release, details }) =>
    `release ${release ?? ""} made of image ${details["tag"] ?? details["image"] ?? ""}`,
  "release.deployed": ({ release, details }) => `deployed: ${details["tag"] ?? release ?? ""}`,
  "release.marked-bad": ({ release, reason }) => `${release ?? ""} is marked bad${because(reason)}`,
  "pipeline.release-created": ({ details }) =>
    `Cloud Deploy has the release in ${details["pipeline"] ?? ""}`,
  "rollout.created": ({ details }) => `rollout to ${details["target"] ?? ""} created`,
  "rollout.advanced": ({ details }) => `rollout advanced to ${details["phase"] ?? ""}`,
  "rollout.cancelled": ({ details }) => `rollout ${details["rollout"] ?? ""} is being cancelled`,
};

const DATA: Readonly<Record<string, Sentence>> = {
  "backup.started": ({ details }) => `backup of ${details["source"] ?? ""} started`,
  "backup.finished": ({ details }) => `backup of ${details["source"] ?? ""} finished`,
  "backup.failed": ({ reason, details }) =>
    `backup of ${details["source"] ?? ""} failed${because(reason)}`,
  "migration.started": ({ details }) => `migration job ${details["job"] ?? ""} started`,
  "migration.finished": ({ details }) =>
    `migration finished: ${lastPart(details["execution"] ?? "")}`,
  "restore.finished": ({ details }) =>
    `data of ${details["from"] ?? ""} restored into ${details["into"] ?? ""}`,
  "incident.opened": ({ reason, details }) =>
    `incident opened (${details["severity"] ?? ""}): ${reason ?? ""}`,
  "incident.closed": ({ reason }) => `incident closed: ${reason ?? ""}`,
};

const SENTENCES: Readonly<Record<string, Sentence>> = { ...PROMOTIONS, ...DEPLOYMENTS, ...DATA };

function because(reason: string | null): string {
  return reason === null ? "" : `: ${reason}`;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function sentence(record: AuditRecord): string {
  return SENTENCES[record.kind]?.(record) ?? `${record.kind}${because(record.reason)}`;
}

/** What was where, by service. */
export type Timelines = Readonly<Record<string, readonly TimelineEntry[]>>;

/** Timelines as one table. */
export function timelineTable(timelines: Timelines): readonly string[] {
  const rows = Object.entries(timelines).flatMap(([service, entries]) =>
    entries.map(({ environment, tag, release, kind, from, to }) => [
      service,
      environment,
      tag ?? release,
      kind,
      from,
      to ?? "now",
    ]),
  );
  const all = [["SERVICE", "ENVIRONMENT", "RELEASE", "KIND", "FROM", "TO"], ...rows];
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
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
