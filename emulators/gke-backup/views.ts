import { toTimestamp } from "../kit/clock.ts";
import { etagFor } from "./names.ts";
import type {
  Backup,
  BackupPlan,
  Resource,
  Restore,
  RestorePlan,
  State,
  WorkState,
} from "./state.ts";

const DAY_MS = 86_400_000;

/** Kubernetes' version of every cluster here, since none runs. */
const K8S_VERSION = "1.33";
const GKE_VERSION = "1.33.4-gke.1000000";

/** Roughly what the resources of a namespace without volumes take. */
const CONFIG_BYTES = 2048;

/** google.cloud.gkebackup.v1.BackupPlan */
export function backupPlanView(plan: BackupPlan): object {
  const { cluster, retentionPolicy, backupConfig } = plan;
  return {
    ...resourceView(plan),
    cluster,
    retentionPolicy,
    backupConfig,
    deactivated: plan.deactivated,
    state: plan.state,
    protectedPodCount: plan.protectedPodCount,
    lastSuccessfulBackupTime:
      plan.lastSuccessMs === null ? undefined : toTimestamp(plan.lastSuccessMs),
  };
}

/** google.cloud.gkebackup.v1.Backup */
export function backupView(backup: Backup): object {
  const { config, cluster, contents, state } = backup;
  const namespaces = Object.keys(contents);
  const isDone = state === "SUCCEEDED";
  const configBytes = CONFIG_BYTES * namespaces.length;
  const { allNamespaces, selectedNamespaces, selectedApplications, encryptionKey } = config;
  return {
    ...resourceView(backup),
    manual: true,
    deleteLockDays: backup.deleteLockDays,
    deleteLockExpireTime: toTimestamp(lockEndMs(backup)),
    retainDays: backup.retainDays,
    retainExpireTime: timestampOf(retainEndMs(backup)),
    encryptionKey,
    allNamespaces,
    selectedNamespaces,
    selectedApplications,
    containsVolumeData: config.includeVolumeData ?? false,
    containsSecrets: config.includeSecrets ?? false,
    permissiveMode: config.permissiveMode ?? false,
    clusterMetadata: { cluster, k8sVersion: K8S_VERSION, gkeVersion: GKE_VERSION },
    state,
    stateReason: backup.stateReason,
    completeTime: isEnded(state) ? toTimestamp(backup.endMs) : undefined,
    podCount: isDone ? namespaces.length : 0,
    resourceCount: isDone ? namespaces.length : 0,
    volumeCount: volumesOf(backup).length,
    configBackupSizeBytes: String(isDone ? configBytes : 0),
    sizeBytes: String(isDone ? configBytes + sizeOf(backup) : 0),
  };
}

/** google.cloud.gkebackup.v1.RestorePlan */
export function restorePlanView(plan: RestorePlan): object {
  const { backupPlan, cluster, restoreConfig, state } = plan;
  return { ...resourceView(plan), backupPlan, cluster, restoreConfig, state };
}

/** google.cloud.gkebackup.v1.Restore */
export function restoreView(restore: Restore): object {
  const { backup, cluster, config, state } = restore;
  return {
    ...resourceView(restore),
    backup,
    cluster,
    restoreConfig: config,
    state,
    stateReason: restore.stateReason,
    completeTime: isEnded(state) ? toTimestamp(restore.endMs) : undefined,
    resourcesRestoredCount: restore.restored.length,
    resourcesExcludedCount: restore.excluded.length,
    resourcesFailedCount: 0,
    volumesRestoredCount: restore.volumes.length,
  };
}

/** The kind of a resource and how it looks, by its name; null when it is not there. */
export function viewOf(
  state: State,
  name: string,
): { readonly kind: string; readonly view: object } | null {
  const plan = state.backupPlans.get(name);
  if (plan !== undefined) {
    return { kind: "BackupPlan", view: backupPlanView(plan) };
  }
  const backup = state.backups.get(name);
  if (backup !== undefined) {
    return { kind: "Backup", view: backupView(backup) };
  }
  const restorePlan = state.restorePlans.get(name);
  if (restorePlan !== undefined) {
    return { kind: "RestorePlan", view: restorePlanView(restorePlan) };
  }
  const restore = state.restores.get(name);
  return restore === undefined ? null : { kind: "Restore", view: restoreView(restore) };
}

/** The namespaces whose volumes a backup contains. */
export function volumesOf({ contents }: Backup): readonly string[] {
  return Object.keys(contents).filter((namespace) => contents[namespace] !== null);
}

/** Until when a backup cannot be deleted. */
export function lockEndMs({ createMs, deleteLockDays }: Backup): number {
  return createMs + deleteLockDays * DAY_MS;
}

/** When a backup is deleted by itself; null for never. */
export function retainEndMs({ createMs, retainDays }: Backup): number | null {
  return retainDays === 0 ? null : createMs + retainDays * DAY_MS;
}

/** Whether a backup or restore has come to its end. */
export function isEnded(state: WorkState): boolean {
  return state === "SUCCEEDED" || state === "FAILED";
}

function resourceView(resource: Resource): object {
  const { name, uid, createMs, updateMs, description, labels } = resource;
  return {
    name,
    uid,
    createTime: toTimestamp(createMs),
    updateTime: toTimestamp(updateMs),
    etag: etagFor(resource),
    description,
    labels,
  };
}

function sizeOf({ contents }: Backup): number {
  return Object.values(contents).reduce((sum, text) => sum + (text ?? "").length, 0);
}

function timestampOf(ms: number | null): string | undefined {
  return ms === null ? undefined : toTimestamp(ms);
}
