import { findIn, listIn, newResource, refuseTaken } from "./collection.ts";
import { begin } from "./long-running.ts";
import { checkCluster, checkId, projectOf } from "./names.ts";
import { invalidField, notEmulated, refusal } from "./refusal.ts";
import type { ByName, CreateBackupPlan, List } from "./requests.ts";
import type { BackupConfig } from "./schema.ts";
import type { GkeBackup } from "./state.ts";
import { backupPlanView } from "./views.ts";

const LOCK_DAYS_MAX = 90;
const RETAIN_DAYS_MAX = 365;

/** CreateBackupPlan */
export function createBackupPlan(gke: GkeBackup, request: CreateBackupPlan, now: number): object {
  const id = checkId("backup_plan_id", request.backupPlanId);
  const { backupSchedule = {}, backupConfig = {}, ...given } = request.backupPlan;
  const name = `${request.parent}/backupPlans/${id}`;
  refuseTaken(gke.state.backupPlans, name);
  const cluster = checkCluster(given.cluster);
  if (projectOf(cluster) !== projectOf(name)) {
    throw refusal(
      "INVALID_ARGUMENT",
      "UNSUPPORTED_CROSS_PROJECT_RESOURCE",
      "Cross project BackupPlan creation is not supported.",
    );
  }
  const { retentionPolicy = {} } = given;
  const { backupDeleteLockDays = 0, backupRetainDays = 0 } = retentionPolicy;
  checkScope(backupConfig);
  checkDays(
    {
      lock: "retention_policy.backup_delete_lock_days",
      retain: "retention_policy.backup_retain_days",
    },
    { lock: backupDeleteLockDays, retain: backupRetainDays },
  );
  if (Object.keys(backupSchedule).length > 0) {
    throw notEmulated("backupSchedule");
  }
  gke.state.backupPlans.set(name, {
    ...newResource(gke, given, { name, now }),
    cluster,
    retentionPolicy,
    backupConfig,
    deactivated: given.deactivated ?? false,
    state: "PROVISIONING",
    lastSuccessMs: null,
    protectedPodCount: 0,
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetBackupPlan */
export function getBackupPlan({ state }: GkeBackup, { name }: ByName): object {
  return backupPlanView(findIn(state.backupPlans, name));
}

/** ListBackupPlans */
export function listBackupPlans({ state }: GkeBackup, request: List): object {
  const { items, nextPageToken } = listIn(state.backupPlans, request, backupPlanView);
  return { backupPlans: items, nextPageToken };
}

/**
 * Checks how long a backup is locked and kept.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkDays(
  fields: { readonly lock: string; readonly retain: string },
  days: { readonly lock: number; readonly retain: number },
): void {
  if (days.lock < 0 || days.lock > LOCK_DAYS_MAX) {
    throw invalidField(fields.lock, `from 0 to ${LOCK_DAYS_MAX}`);
  }
  if (days.retain < 0 || days.retain > RETAIN_DAYS_MAX) {
    throw invalidField(fields.retain, `from 0 to ${RETAIN_DAYS_MAX}`);
  }
  if (days.retain !== 0 && days.retain < days.lock) {
    throw invalidField(fields.retain, `0, or no less than ${fields.lock}`);
  }
}

function checkScope(config: BackupConfig): void {
  const { allNamespaces, selectedNamespaces, selectedApplications } = config;
  const scopes = [allNamespaces, selectedNamespaces, selectedApplications];
  if (scopes.filter((one) => one !== undefined).length !== 1 || allNamespaces === false) {
    throw refusal(
      "INVALID_ARGUMENT",
      "INVALID_BACKUP_SCOPE",
      "Backup scope is invalid. Provide a valid scope and try again.",
    );
  }
  if (selectedNamespaces !== undefined && (selectedNamespaces.namespaces ?? []).length === 0) {
    throw refusal(
      "INVALID_ARGUMENT",
      "EMPTY_SELECTED_NAMESPACES",
      "Backup scope is invalid. Provide the list of namespaces to back up.",
    );
  }
  if (
    selectedApplications !== undefined &&
    (selectedApplications.namespacedNames ?? []).length === 0
  ) {
    throw refusal(
      "INVALID_ARGUMENT",
      "EMPTY_SELECTED_APPLICATIONS",
      "Backup scope is invalid. Provide the list of protected applications to back up.",
    );
  }
}
