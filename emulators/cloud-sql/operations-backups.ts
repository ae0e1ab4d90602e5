import { paginate, type PageRequest } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { begin } from "./begin.ts";
import { expiryOf } from "./expiry.ts";
import { findBackup, findInstance } from "./find.ts";
import type { BackupJson } from "./json.ts";
import { listFilter } from "./list-filter.ts";
import { removeBackup, takeBackup } from "./operations-backup-runs.ts";
import { invalid } from "./sql-error.ts";
import type { CloudSql } from "./state.ts";
import { backupView, operationView } from "./views.ts";

const PAGE_LIMITS = { defaultSize: 500, maxSize: 2000 };

/** The fields of a final backup that can be changed. */
const CHANGEABLE: ReadonlySet<string> = new Set(["description", "ttlDays", "expiryTime"]);

/** SqlBackupsService.CreateBackup */
export function createBackup(
  run: CloudSql,
  request: { readonly parent?: string; readonly backup?: BackupJson },
  now: number,
): object {
  const { parent = "", backup: wanted = {} } = request;
  const project = parent.replace(/^projects\//, "");
  const instance = wanted.instance?.replace(`projects/${project}/instances/`, "") ?? "";
  if (instance === "") {
    throw invalid("Missing parameter: instance.");
  }
  const found = findInstance(run.state, { project, instance });
  return takeBackup(run, { instance: found, wanted, expiryMs: expiryOf(wanted, now) }, now);
}

/** SqlBackupsService.GetBackup */
export function getBackup(run: CloudSql, request: { readonly name?: string }): object {
  return backupView(findBackup(run.state, request.name ?? ""));
}

/** SqlBackupsService.ListBackups: newest first. */
export function listBackups(
  run: CloudSql,
  request: PageRequest & { readonly parent?: string; readonly filter?: string },
): object {
  const isMeant = listFilter(request.filter);
  const found = [...run.state.backups.values()]
    .filter(
      ({ project, status }) => `projects/${project}` === request.parent && status !== "SKIPPED",
    )
    .toSorted((left, right) => right.enqueuedMs - left.enqueuedMs)
    .map(backupView)
    .filter(isMeant);
  const page = paginate(found, request, PAGE_LIMITS);
  return { backups: page.items, nextPageToken: page.nextPageToken };
}

/** SqlBackupsService.UpdateBackup: the description and retention of a final backup. */
export function updateBackup(
  run: CloudSql,
  request: { readonly backup?: BackupJson; readonly updateMask?: string },
  now: number,
): object {
  const { backup: wanted = {}, updateMask = "" } = request;
  const backup = findBackup(run.state, wanted.name ?? "");
  if (backup.type !== "FINAL") {
    throw invalid("only a final backup can be updated.");
  }
  const { name: _name, ...fields } = wanted;
  const paths = updateMask === "" ? Object.keys(fields) : updateMask.split(",").map(toCamelCase);
  const fixed = paths.find((path) => !CHANGEABLE.has(path));
  if (fixed !== undefined) {
    throw invalid(`${fixed} of a backup cannot be updated.`);
  }
  const isRetention = paths.some((path) => path !== "description");
  const operation = begin(
    run,
    {
      target: { project: backup.project, name: backup.instance },
      type: "UPDATE_BACKUP",
      work: {
        kind: "update-backup",
        uid: backup.uid,
        description: paths.includes("description")
          ? (wanted.description ?? "")
          : backup.description,
        expiryMs: isRetention ? expiryOf(wanted, now) : backup.expiryMs,
      },
      durationMs: run.durations.changeMs,
      locks: [],
    },
    now,
  );
  return operationView(run.state, operation);
}

/** SqlBackupsService.DeleteBackup */
export function deleteBackup(
  run: CloudSql,
  request: { readonly name?: string },
  now: number,
): object {
  return removeBackup(run, findBackup(run.state, request.name ?? ""), now);
}
