import { begin } from "./long-running.ts";
import { checkCluster, checkId, isChildOf, projectOf, uidFor } from "./names.ts";
import { invalidField, notFound, notNow, refusal } from "./refusal.ts";
import { googleError } from "../kit/google-error.ts";
import { applyUpdate, checkEtag, type GkeRequest, listPage, parseBody } from "./request.ts";
import { checkSchedule, nextBackup } from "./schedule.ts";
import { type BackupConfig, BackupPlanJson, type RetentionPolicy } from "./schema.ts";
import { countUp, type BackupPlan, type GkeBackup } from "./state.ts";
import { backupPlanView } from "./views.ts";

const LOCK_DAYS_MAX = 90;
const RETAIN_DAYS_MAX = 365;

/** CreateBackupPlan */
export function createBackupPlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const id = checkId("backup_plan_id", request.query["backupPlanId"]);
  const given = parseBody("backup_plan", BackupPlanJson, request.body);
  const name = `${request.name}/backupPlans/${id}`;
  if (gke.state.backupPlans.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  const cluster = checkCluster(given.cluster);
  if (projectOf(cluster) !== projectOf(name)) {
    throw refusal(
      "INVALID_ARGUMENT",
      "UNSUPPORTED_CROSS_PROJECT_RESOURCE",
      "Cross project BackupPlan creation is not supported.",
    );
  }
  const settings = toSettings(given);
  checkSettings(settings, now);
  gke.state.backupPlans.set(name, {
    ...settings,
    name,
    cluster,
    uid: uidFor(`${name} ${countUp(gke.state, "resources")}`),
    createMs: now,
    updateMs: now,
    version: 1,
    state: "PROVISIONING",
    nextBackupMs: null,
    lastSuccessMs: null,
    protectedPodCount: 0,
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetBackupPlan */
export function getBackupPlan(gke: GkeBackup, request: GkeRequest): object {
  return backupPlanView(findBackupPlan(gke, request.name));
}

/** ListBackupPlans */
export function listBackupPlans(gke: GkeBackup, request: GkeRequest): object {
  const views = [...gke.state.backupPlans.values()]
    .filter(({ name }) => isChildOf(name, request.name))
    .map(backupPlanView);
  const { items, nextPageToken } = listPage(views, request);
  return { backupPlans: items, nextPageToken };
}

/** UpdateBackupPlan: not of a plan that is deactivated, which is for ever. */
export function updateBackupPlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findBackupPlan(gke, request.name);
  if (plan.state !== "READY") {
    throw notNow(`BackupPlan '${plan.name}' cannot be updated, because it is ${plan.state}.`);
  }
  const given = parseBody("backup_plan", BackupPlanJson, request.body);
  const current = { fields: settingsOf(plan), uid: plan.uid, version: plan.version };
  const settings = toSettings(applyUpdate<BackupPlanJson>(current, given, request));
  checkLocked(plan.retentionPolicy, settings.retentionPolicy);
  checkSettings(settings, now);
  gke.state.backupPlans.set(plan.name, {
    ...plan,
    ...settings,
    state: settings.deactivated ? "DEACTIVATED" : "READY",
    nextBackupMs: nextBackup(settings, now),
    updateMs: now,
    version: plan.version + 1,
  });
  return begin(gke, { target: plan.name, verb: "update" }, now);
}

/** DeleteBackupPlan: not while it has backups. */
export function deleteBackupPlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findBackupPlan(gke, request.name);
  checkEtag(plan, request.query["etag"]);
  if ([...gke.state.backups.values()].some((backup) => backup.plan === plan.name)) {
    throw notNow(`BackupPlan '${plan.name}' still has backups; delete them first.`);
  }
  gke.state.backupPlans.set(plan.name, { ...plan, state: "DELETING", nextBackupMs: null });
  return begin(gke, { target: plan.name, verb: "delete" }, now);
}

/**
 * The plan of a name.
 * @throws GoogleError NOT_FOUND
 */
export function findBackupPlan({ state }: GkeBackup, name: string): BackupPlan {
  const plan = state.backupPlans.get(name);
  if (plan === undefined) {
    throw notFound(name);
  }
  return plan;
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

type Settings = Pick<
  BackupPlan,
  "description" | "labels" | "retentionPolicy" | "backupSchedule" | "backupConfig" | "deactivated"
>;

function settingsOf(plan: BackupPlan): Settings {
  const { description, labels, retentionPolicy, backupSchedule, backupConfig, deactivated } = plan;
  return { description, labels, retentionPolicy, backupSchedule, backupConfig, deactivated };
}

function toSettings(given: BackupPlanJson): Settings {
  const { nextScheduledBackupTime: _output, ...backupSchedule } = given.backupSchedule ?? {};
  return {
    description: given.description ?? "",
    labels: given.labels ?? {},
    retentionPolicy: given.retentionPolicy ?? {},
    backupSchedule,
    backupConfig: given.backupConfig ?? {},
    deactivated: given.deactivated ?? false,
  };
}

function checkSettings(settings: Settings, now: number): void {
  const { retentionPolicy, backupSchedule, backupConfig } = settings;
  const { backupDeleteLockDays = 0, backupRetainDays = 0 } = retentionPolicy;
  checkScope(backupConfig);
  checkDays(
    {
      lock: "retention_policy.backup_delete_lock_days",
      retain: "retention_policy.backup_retain_days",
    },
    { lock: backupDeleteLockDays, retain: backupRetainDays },
  );
  checkSchedule(backupSchedule, retentionPolicy, now);
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

/** A locked retention policy stays as it is, its lock included. */
function checkLocked(current: RetentionPolicy, next: RetentionPolicy): void {
  const keys = ["backupDeleteLockDays", "backupRetainDays", "locked"] as const;
  if (current.locked === true && keys.some((key) => (current[key] ?? 0) !== (next[key] ?? 0))) {
    throw notNow("The retention policy of the backup plan is locked.");
  }
}
