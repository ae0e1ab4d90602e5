import { googleError } from "../kit/google-error.ts";
import { begin } from "./long-running.ts";
import { checkId, isChildOf } from "./names.ts";
import { backupUnderWay, newBackup } from "./new-backup.ts";
import { checkDays, findBackupPlan } from "./operations-backup-plans.ts";
import { invalidField, notFound, notNow } from "./refusal.ts";
import { applyUpdate, checkEtag, type GkeRequest, isTrue, listPage, parseBody } from "./request.ts";
import { BackupJson } from "./schema.ts";
import { type Backup, type BackupPlan, countUp, type GkeBackup } from "./state.ts";
import { backupView, isEnded, lockEndMs, volumeBackupViews, volumesOf } from "./views.ts";

const DAYS = { lock: "delete_lock_days", retain: "retain_days" };

/** CreateBackup: of a plan that is READY, and one after the other. */
export function createBackup(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findBackupPlan(gke, request.name);
  const given = parseBody("backup", BackupJson, request.body);
  const asked = request.query["backupId"] ?? "";
  const id = asked === "" ? `backup-${now}-${countUp(gke.state, "backup ids")}` : asked;
  const name = `${plan.name}/backups/${checkId("backup_id", id)}`;
  if (gke.state.backups.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  if (plan.state !== "READY") {
    throw notNow(`BackupPlan '${plan.name}' takes no backups, because it is ${plan.state}.`);
  }
  const days = daysOf(plan, given);
  const running = backupUnderWay(gke, plan.name);
  if (running !== undefined) {
    throw notNow(`Backup '${running.name}' of the same plan is still ${running.state}.`);
  }
  const { description = "", labels = {} } = given;
  const wanted = { id, description, labels, manual: true, ...days };
  newBackup(gke, plan, { wanted, now });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** How long a new backup is locked and kept: as its plan says, or as is said for it. */
function daysOf(
  { retentionPolicy }: BackupPlan,
  given: BackupJson,
): Pick<Backup, "deleteLockDays" | "retainDays"> {
  const { backupDeleteLockDays = 0, backupRetainDays = 0 } = retentionPolicy;
  const { deleteLockDays = backupDeleteLockDays, retainDays = backupRetainDays } = given;
  if (deleteLockDays < backupDeleteLockDays) {
    throw invalidField(DAYS.lock, "no less than the backup plan's backup_delete_lock_days");
  }
  checkDays(DAYS, { lock: deleteLockDays, retain: retainDays });
  return { deleteLockDays, retainDays };
}

/** GetBackup */
export function getBackup(gke: GkeBackup, request: GkeRequest): object {
  return backupView(findBackup(gke, request.name));
}

/** ListBackups: oldest first; any part of the parent may be `-`. */
export function listBackups(gke: GkeBackup, request: GkeRequest): object {
  if (!request.name.includes("/-")) {
    findBackupPlan(gke, request.name);
  }
  const views = [...gke.state.backups.values()]
    .filter(({ name }) => isChildOf(name, request.name))
    .map(backupView);
  const { items, nextPageToken } = listPage(views, request);
  return { backups: items, nextPageToken };
}

/** UpdateBackup: days of lock and retention can only become more. */
export function updateBackup(gke: GkeBackup, request: GkeRequest, now: number): object {
  const backup = findBackup(gke, request.name);
  if (backup.state === "DELETING") {
    throw notNow(`Backup '${backup.name}' is being deleted.`);
  }
  const { description, labels, deleteLockDays, retainDays, uid, version } = backup;
  const fields = { description, labels, deleteLockDays, retainDays };
  const given = parseBody("backup", BackupJson, request.body);
  const next = applyUpdate<BackupJson>({ fields, uid, version }, given, request);
  const days = { lock: next.deleteLockDays ?? 0, retain: next.retainDays ?? 0 };
  checkDays(DAYS, days);
  if (days.lock < deleteLockDays) {
    throw invalidField(DAYS.lock, `no less than ${deleteLockDays}`);
  }
  if (days.retain < retainDays) {
    throw invalidField(DAYS.retain, `no less than ${retainDays}`);
  }
  gke.state.backups.set(backup.name, {
    ...backup,
    description: next.description ?? "",
    labels: next.labels ?? {},
    deleteLockDays: days.lock,
    retainDays: days.retain,
    updateMs: now,
    version: version + 1,
  });
  return begin(gke, { target: backup.name, verb: "update" }, now);
}

/** DeleteBackup: not before its lock ends, and with volume backups only by force. */
export function deleteBackup(gke: GkeBackup, request: GkeRequest, now: number): object {
  const backup = findBackup(gke, request.name);
  const { name, state } = backup;
  checkEtag(backup, request.query["etag"]);
  if (!isEnded(state)) {
    throw notNow(`Backup '${name}' cannot be deleted while it is ${state}.`);
  }
  if (now < lockEndMs(backup)) {
    throw notNow(`Backup '${name}' is locked against deletion for ${backup.deleteLockDays} days.`);
  }
  if (volumesOf(backup).length > 0 && !isTrue(request.query["force"])) {
    throw notNow(`Backup '${name}' has volume backups; set force to delete them too.`);
  }
  gke.state.backups.set(name, { ...backup, state: "DELETING" });
  return begin(gke, { target: name, verb: "delete" }, now);
}

/** GetVolumeBackup */
export function getVolumeBackup(gke: GkeBackup, request: GkeRequest): object {
  const parent = request.name.split("/").slice(0, -2).join("/");
  const found = volumeBackupViews(findBackup(gke, parent)).find(
    (view) => "name" in view && view.name === request.name,
  );
  if (found === undefined) {
    throw notFound(request.name);
  }
  return found;
}

/** ListVolumeBackups */
export function listVolumeBackups(gke: GkeBackup, request: GkeRequest): object {
  const views = volumeBackupViews(findBackup(gke, request.name));
  const { items, nextPageToken } = listPage(views, request);
  return { volumeBackups: items, nextPageToken };
}

/**
 * The backup of a name.
 * @throws GoogleError NOT_FOUND
 */
export function findBackup({ state }: GkeBackup, name: string): Backup {
  const backup = state.backups.get(name);
  if (backup === undefined) {
    throw notFound(name);
  }
  return backup;
}
