import { findIn, listIn, newResource, refuseTaken } from "./collection.ts";
import { begin } from "./long-running.ts";
import { checkCluster, checkId, projectOf } from "./names.ts";
import { invalidField, missingField, notEmulated, refusal } from "./refusal.ts";
import type { ByName, CreateRestorePlan, List } from "./requests.ts";
import type { RestoreConfig } from "./schema.ts";
import type { GkeBackup } from "./state.ts";
import { restorePlanView } from "./views.ts";

const BACKUP_PLAN = /^projects\/[^/]+\/locations\/[^/]+\/backupPlans\/[^/]+$/;

/** CreateRestorePlan */
export function createRestorePlan(gke: GkeBackup, request: CreateRestorePlan, now: number): object {
  const { state } = gke;
  const id = checkId("restore_plan_id", request.restorePlanId);
  const name = `${request.parent}/restorePlans/${id}`;
  refuseTaken(state.restorePlans, name);
  const { restorePlan: given } = request;
  const { backupPlan = "", restoreConfig } = given;
  if (backupPlan === "") {
    throw missingField("backup_plan");
  }
  if (restoreConfig === undefined) {
    throw missingField("restore_config");
  }
  if (!BACKUP_PLAN.test(backupPlan)) {
    throw invalidField("backup_plan", "a backup plan's name, projects/*/locations/*/backupPlans/*");
  }
  if (projectOf(backupPlan) !== projectOf(name)) {
    throw refusal(
      "INVALID_ARGUMENT",
      "UNSUPPORTED_CROSS_PROJECT_RESOURCE",
      "Cross project RestorePlan creation is not supported.",
    );
  }
  findIn(state.backupPlans, backupPlan);
  const cluster = checkTarget(given.cluster, request.parent);
  checkConfig(restoreConfig);
  state.restorePlans.set(name, {
    ...newResource(gke, given, { name, now }),
    backupPlan,
    cluster,
    restoreConfig,
    state: "READY",
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetRestorePlan */
export function getRestorePlan({ state }: GkeBackup, { name }: ByName): object {
  return restorePlanView(findIn(state.restorePlans, name));
}

/** ListRestorePlans */
export function listRestorePlans({ state }: GkeBackup, request: List): object {
  const { items, nextPageToken } = listIn(state.restorePlans, request, restorePlanView);
  return { restorePlans: items, nextPageToken };
}

/** The target cluster is in the region of the plan. */
function checkTarget(given: string | undefined, parent: string): string {
  const cluster = checkCluster(given);
  const region = parent.split("/")[3] ?? "";
  if (!(cluster.split("/")[3] ?? "").startsWith(region)) {
    throw invalidField("cluster", `a cluster in ${region}, where the restore plan is`);
  }
  return cluster;
}

function checkConfig(config: RestoreConfig): void {
  const mode = config.namespacedResourceRestoreMode;
  if (mode === undefined || mode === "NAMESPACED_RESOURCE_RESTORE_MODE_UNSPECIFIED") {
    throw missingField("restore_config.namespaced_resource_restore_mode");
  }
  checkScope(config);
  const policy = config.clusterResourceConflictPolicy;
  const isDecided = policy === "USE_EXISTING_VERSION" || policy === "USE_BACKUP_VERSION";
  const scope = config.clusterResourceRestoreScope;
  if (scope !== undefined && scope.noGroupKinds !== true && !isDecided) {
    throw missingField("restore_config.cluster_resource_conflict_policy");
  }
  for (const field of [
    "substitutionRules",
    "transformationRules",
    "volumeDataRestorePolicyBindings",
    "restoreOrder",
  ] as const) {
    if (config[field] !== undefined) {
      throw notEmulated(`restoreConfig.${field}`);
    }
  }
}

function checkScope(config: RestoreConfig): void {
  const { allNamespaces, noNamespaces, selectedNamespaces } = config;
  const { excludedNamespaces, selectedApplications } = config;
  const lists = [
    selectedNamespaces?.namespaces,
    excludedNamespaces?.namespaces,
    selectedApplications?.namespacedNames,
  ].filter((one) => (one ?? []).length > 0);
  const named = [selectedNamespaces, excludedNamespaces, selectedApplications];
  const flags = [allNamespaces, noNamespaces].filter((one) => one !== undefined);
  const isOne = named.filter((one) => one !== undefined).length + flags.length === 1;
  if (!isOne || (lists.length === 0 && !flags.includes(true))) {
    throw refusal(
      "INVALID_ARGUMENT",
      "INVALID_RESTORE_SCOPE",
      "Restore scope is invalid. Provide a valid scope and try again.",
    );
  }
}
