import { findIn, listIn, newResource, refuseTaken } from "./collection.ts";
import { begin } from "./long-running.ts";
import { checkId, etagFor } from "./names.ts";
import { checkDays } from "./operations-backup-plans.ts";
import { googleError } from "../kit/google-error.ts";
import { invalidField, notNow } from "./refusal.ts";
import type { ByName, CreateBackup, DeleteBackup, ListBackups } from "./requests.ts";
import { type Backup, type BackupPlan, countUp, type GkeBackup, takeFailure } from "./state.ts";
import { backupView, isEnded, lockEndMs, volumesOf } from "./views.ts";

const DAYS = { lock: "delete_lock_days", retain: "retain_days" };

/** CreateBackup: of a plan that is READY, and one after the other. */
export function createBackup(gke: GkeBackup, request: CreateBackup, now: number): object {
  const { state, durations } = gke;
  const { operationMs, backupMs } = durations;
  const plan = findIn(state.backupPlans, request.parent);
  const { backup: given, backupId } = request;
  const id = backupId === "" ? `backup-${now}-${countUp(state, "backup ids")}` : backupId;
  const name = `${plan.name}/backups/${checkId("backup_id", id)}`;
  refuseTaken(state.backups, name);
  if (plan.state !== "READY") {
    throw notNow(`BackupPlan '${plan.name}' takes no backups, because it is ${plan.state}.`);
  }
  const days = daysOf(plan, given);
  const running = [...state.backups.values()].find(
    (one) => one.plan === plan.name && (one.state === "CREATING" || one.state === "IN_PROGRESS"),
  );
  if (running !== undefined) {
    throw notNow(`Backup '${running.name}' of the same plan is still ${running.state}.`);
  }
  state.backups.set(name, {
    ...newResource(gke, given, { name, now }),
    ...days,
    plan: plan.name,
    cluster: plan.cluster,
    config: plan.backupConfig,
    state: "CREATING",
    stateReason: "",
    startMs: now + operationMs,
    endMs: now + Math.max(operationMs, backupMs),
    failure: takeFailure(state, plan.name),
    contents: {},
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** How long a new backup is locked and kept: as its plan says, or as is said for it. */
function daysOf(
  { retentionPolicy }: BackupPlan,
  given: CreateBackup["backup"],
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
export function getBackup({ state }: GkeBackup, { name }: ByName): object {
  return backupView(findIn(state.backups, name));
}

/** ListBackups: oldest first; any part of the parent may be `-`. */
export function listBackups({ state }: GkeBackup, request: ListBackups): object {
  if (!request.parent.includes("/-")) {
    findIn(state.backupPlans, request.parent);
  }
  const { items, nextPageToken } = listIn(state.backups, request, backupView);
  return { backups: items, nextPageToken };
}

/** DeleteBackup: not before its lock ends, and with volume backups only by force. */
export function deleteBackup(gke: GkeBackup, request: DeleteBackup, now: number): object {
  const { name, etag, force } = request;
  const backup = findIn(gke.state.backups, name);
  if (etag !== "" && etag !== etagFor(backup)) {
    throw googleError("ABORTED", "The etag does not match the current version of the resource.");
  }
  if (!isEnded(backup.state)) {
    throw notNow(`Backup '${name}' cannot be deleted while it is ${backup.state}.`);
  }
  if (now < lockEndMs(backup)) {
    throw notNow(`Backup '${name}' is locked against deletion for ${backup.deleteLockDays} days.`);
  }
  if (volumesOf(backup).length > 0 && !force) {
    throw notNow(`Backup '${name}' has volume backups; set force to delete them too.`);
  }
  gke.state.backups.set(name, { ...backup, state: "DELETING" });
  return begin(gke, { target: name, verb: "delete" }, now);
}
