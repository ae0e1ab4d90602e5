import { parseDuration } from "../duration.ts";
import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft } from "../schema.ts";
import type { DeliveryPlace } from "./delivery-rules.ts";
import { judgeProvenance } from "./provenance-rules.ts";

/** From the worst on. */
const SEVERITIES = ["CRITICAL", "ERROR", "WARNING"] as const;
const BACKUP_RETAIN_DEFAULT = "90d";

type Backup = NonNullable<DeliveryEnvironmentDraft["backup"]>;
type Migrations = NonNullable<DeliveryEnvironmentDraft["migrations"]>;

/** Incidents, backups, migrations, canaries and verification: what protects the environment and its data. */
export function judgeProtection(place: DeliveryPlace, report: Report): void {
  judgeAlerts(place, report);
  judgeBackup(place, report);
  judgeMigrations(place, report);
  judgeCanary(place, report);
  if (place.isJob && place.delivery.verify !== undefined) {
    report.error([...place.path, "verify"], "is for services only: a job answers no requests");
  }
  judgeProvenance(place, report);
}

function judgeAlerts({ delivery, path }: DeliveryPlace, report: Report): void {
  const block = delivery.alerts?.block ?? [];
  const warn = delivery.alerts?.warn ?? [];
  const least = SEVERITIES.findLastIndex((severity) => block.includes(severity));
  for (const [index, severity] of warn.entries()) {
    const at = [...path, "alerts", "warn", index];
    if (severity === undefined) {
      continue;
    }
    if (block.includes(severity)) {
      report.error(
        at,
        `is in block too, but ${severity} cannot both stop a promotion and let it pass: keep it in one of them`,
      );
    } else if (SEVERITIES.indexOf(severity) < least) {
      report.warning(
        at,
        `lets ${severity} pass, although the lesser ${SEVERITIES[least]} blocks: move it to block`,
      );
    }
  }
  const worse = SEVERITIES.slice(0, Math.max(0, least));
  const gap = worse.find((severity) => !block.includes(severity) && !warn.includes(severity));
  if (gap !== undefined) {
    report.warning(
      [...path, "alerts", "block"],
      `has ${SEVERITIES[least]} but not ${gap}, which is worse: add it`,
    );
  }
}

function judgeBackup(place: DeliveryPlace, report: Report): void {
  const { backup } = place.delivery;
  if (backup === undefined) {
    return;
  }
  const at = [...place.path, "backup"];
  if (backup.cloudSQL === "auto" && !hasDatabase(place)) {
    report.error(
      [...at, "cloudSQL"],
      "is auto, but the environment has no resources.postgreSQL: remove it",
    );
  }
  const isNothing = !("gke" in backup) && (backup.cloudSQL === "none" || !hasDatabase(place));
  for (const key of ["retain", "maxAge"] as const) {
    if (isNothing && backup[key] !== undefined) {
      report.warning([...at, key], "has no effect, since nothing is backed up here: remove it");
    }
  }
  judgeBackupAge(backup, at, report);
}

function judgeBackupAge(backup: Backup, at: Path, report: Report): void {
  const maxAge = parseDuration(backup.maxAge ?? "0m") ?? 0;
  const retain = parseDuration(backup.retain ?? BACKUP_RETAIN_DEFAULT) ?? 0;
  if (maxAge > 0 && maxAge >= retain) {
    report.error(
      [...at, "maxAge"],
      "must be shorter than retain: such a backup may be gone already",
    );
  }
}

function judgeMigrations(place: DeliveryPlace, report: Report): void {
  const { migrations, backup } = place.delivery;
  const at = [...place.path, "migrations"];
  if (migrations === undefined) {
    return;
  }
  if (place.isJob) {
    report.error(at, "is for services only: a job brings its own migrations");
    return;
  }
  if (hasDatabase(place) && backup?.cloudSQL === "none") {
    report.warning(
      at,
      "change a database without a backup, as backup.cloudSQL is none: set it to auto",
    );
  }
  judgeMigrationAfter(migrations, at, report);
}

function judgeMigrationAfter({ before, after }: Migrations, at: Path, report: Report): void {
  const { job, start = "manual", reversible = false } = after ?? {};
  if (job !== undefined && before?.job === job) {
    report.error([...at, "after", "job"], "is the job of before too: it would run twice");
  }
  if (start === "automatic" && !reversible) {
    report.warning(
      [...at, "after", "start"],
      "is automatic, and the job cannot be undone: after it no rollback is possible, so somebody should start it",
    );
  }
}

function judgeCanary({ delivery, isJob, path }: DeliveryPlace, report: Report): void {
  const canary = delivery.canary ?? [];
  const at = [...path, "canary"];
  if (isJob && canary.length > 0) {
    report.error(at, "is for services only: a job has no traffic");
  }
  for (const [index, percentage] of canary.entries()) {
    const before = canary[index - 1];
    if (percentage !== undefined && before !== undefined && percentage <= before) {
      report.error([...at, index], `must be more than the ${before} before it, not ${percentage}`);
    }
  }
}

function hasDatabase({ environment }: DeliveryPlace): boolean {
  return environment.resources?.postgreSQL !== undefined;
}
