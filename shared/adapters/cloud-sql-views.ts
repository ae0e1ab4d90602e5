import type { protos } from "@google-cloud/sql";

import type { BackupState } from "../domain/backup.ts";
import type { BackupView, RestoreView } from "../ports/backups.ts";
import { markIn } from "./backup-service.ts";
import type { CloudSqlSource } from "./backup-service.ts";
import { toInstant } from "./timestamp.ts";

type Run = protos.google.cloud.sql.v1.IBackupRun;
type Operation = protos.google.cloud.sql.v1.IOperation;

/** What a state of Cloud SQL means. A skipped backup cannot be restored. */
const RUN_STATES: ReadonlyMap<string, BackupState> = new Map([
  ["ENQUEUED", "PENDING"],
  ["OVERDUE", "PENDING"],
  ["RUNNING", "RUNNING"],
  ["SUCCESSFUL", "SUCCEEDED"],
  ["FAILED", "FAILED"],
  ["SKIPPED", "FAILED"],
  ["DELETION_FAILED", "FAILED"],
]);

const OPERATION_STATES: ReadonlyMap<string, BackupState> = new Map([
  ["PENDING", "PENDING"],
  ["RUNNING", "RUNNING"],
  ["DONE", "SUCCEEDED"],
]);

const GONE: ReadonlySet<string> = new Set(["DELETION_PENDING", "DELETED"]);

/** An instance's full name. */
export function instanceName({ project, instance }: CloudSqlSource): string {
  return `projects/${project}/instances/${instance}`;
}

/** A backup run's full name, by which it is found again. */
export function runName(source: CloudSqlSource, id: string): string {
  return `${instanceName(source)}/backupRuns/${id}`;
}

/** The last part of a full name. */
export function idIn(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** A backup run as a backup; null when it is gone or on its way. */
export function toBackupView(source: CloudSqlSource, run: Run): BackupView | null {
  const status = String(run.status ?? "");
  if (GONE.has(status)) {
    return null;
  }
  const state = RUN_STATES.get(status) ?? "UNRECOGNIZED";
  return {
    name: runName(source, String(run.id ?? "")),
    source,
    state,
    mark: markIn(run.description ?? ""),
    startedAt: toInstant(run.startTime) ?? toInstant(run.enqueuedTime),
    finishedAt: toInstant(run.endTime),
    message: state === "FAILED" ? whyFailed(run) : null,
  };
}

function whyFailed({ error, status }: Run): string {
  const said = error?.message ?? "";
  return said === "" ? `the backup is ${String(status ?? "FAILED")}` : said;
}

/**
 * An operation as a restore. It is DONE also when it failed: then it carries errors.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/operations
 */
export function toRestoreView(source: CloudSqlSource, operation: Operation): RestoreView {
  const name = `projects/${source.project}/operations/${operation.name ?? ""}`;
  const errors = operation.error?.errors ?? [];
  if (errors.length > 0) {
    const message = errors
      .map(({ code, message: said }) =>
        [code, said].filter((part) => (part ?? "") !== "").join(": "),
      )
      .join("; ");
    return { name, state: "FAILED", message };
  }
  const state = OPERATION_STATES.get(String(operation.status ?? "")) ?? "UNRECOGNIZED";
  return { name, state, message: null };
}
