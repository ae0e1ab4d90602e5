import { googleError } from "../kit/google-error.ts";
import { begin } from "./long-running.ts";
import { checkCluster, checkId, isChildOf, projectOf, uidFor } from "./names.ts";
import { findBackupPlan } from "./operations-backup-plans.ts";
import { invalidField, missingField, notEmulated, notFound, notNow, refusal } from "./refusal.ts";
import { applyUpdate, checkEtag, type GkeRequest, isTrue, listPage, parseBody } from "./request.ts";
import { type RestoreConfig, RestorePlanJson } from "./schema.ts";
import { countUp, type GkeBackup, type RestorePlan } from "./state.ts";
import { isEnded, restorePlanView } from "./views.ts";

const BACKUP_PLAN = /^projects\/[^/]+\/locations\/[^/]+\/backupPlans\/[^/]+$/;

/** CreateRestorePlan */
export function createRestorePlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const id = checkId("restore_plan_id", request.query["restorePlanId"]);
  const given = parseBody("restore_plan", RestorePlanJson, request.body);
  const name = `${request.name}/restorePlans/${id}`;
  if (gke.state.restorePlans.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  const { backupPlan = "", description = "", labels = {}, restoreConfig } = given;
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
  findBackupPlan(gke, backupPlan);
  const cluster = checkTarget(given.cluster, request.name);
  checkConfig(restoreConfig);
  gke.state.restorePlans.set(name, {
    name,
    backupPlan,
    cluster,
    description,
    labels,
    restoreConfig,
    uid: uidFor(`${name} ${countUp(gke.state, "resources")}`),
    createMs: now,
    updateMs: now,
    version: 1,
    state: "READY",
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetRestorePlan */
export function getRestorePlan(gke: GkeBackup, request: GkeRequest): object {
  return restorePlanView(findRestorePlan(gke, request.name));
}

/** ListRestorePlans */
export function listRestorePlans(gke: GkeBackup, request: GkeRequest): object {
  const views = [...gke.state.restorePlans.values()]
    .filter(({ name }) => isChildOf(name, request.name))
    .map(restorePlanView);
  const { items, nextPageToken } = listPage(views, request);
  return { restorePlans: items, nextPageToken };
}

/** UpdateRestorePlan: its backup plan and cluster stay. */
export function updateRestorePlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findRestorePlan(gke, request.name);
  const { description, labels, restoreConfig, uid, version } = plan;
  const fields = { description, labels, restoreConfig };
  const given = parseBody("restore_plan", RestorePlanJson, request.body);
  const next = applyUpdate<RestorePlanJson>({ fields, uid, version }, given, request);
  const config = next.restoreConfig ?? {};
  checkConfig(config);
  gke.state.restorePlans.set(plan.name, {
    ...plan,
    description: next.description ?? "",
    labels: next.labels ?? {},
    restoreConfig: config,
    updateMs: now,
    version: version + 1,
  });
  return begin(gke, { target: plan.name, verb: "update" }, now);
}

/** DeleteRestorePlan: with restores only by force, and not while one is under way. */
export function deleteRestorePlan(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findRestorePlan(gke, request.name);
  checkEtag(plan, request.query["etag"]);
  const restores = [...gke.state.restores.values()].filter((one) => one.plan === plan.name);
  if (restores.some(({ state }) => !isEnded(state))) {
    throw notNow(`RestorePlan '${plan.name}' has a restore under way.`);
  }
  if (restores.length > 0 && !isTrue(request.query["force"])) {
    throw notNow(`RestorePlan '${plan.name}' has restores; set force to delete them too.`);
  }
  gke.state.restorePlans.set(plan.name, { ...plan, state: "DELETING" });
  return begin(gke, { target: plan.name, verb: "delete" }, now);
}

/**
 * The plan of a name.
 * @throws GoogleError NOT_FOUND
 */
export function findRestorePlan({ state }: GkeBackup, name: string): RestorePlan {
  const plan = state.restorePlans.get(name);
  if (plan === undefined) {
    throw notFound(name);
  }
  return plan;
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
