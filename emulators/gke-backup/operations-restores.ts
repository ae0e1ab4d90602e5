import { googleError } from "../kit/google-error.ts";
import { begin } from "./long-running.ts";
import { checkId, isChildOf, uidFor } from "./names.ts";
import { findBackup } from "./operations-backups.ts";
import { findRestorePlan } from "./operations-restore-plans.ts";
import { invalidField, missingField, notEmulated, notFound, notNow } from "./refusal.ts";
import { applyUpdate, checkEtag, type GkeRequest, isTrue, listPage, parseBody } from "./request.ts";
import { RestoreJson } from "./schema.ts";
import { type Backup, countUp, type GkeBackup, type Restore, takeFailure } from "./state.ts";
import type { RestorePlan } from "./state.ts";
import { isEnded, restoreView, volumeRestoreViews } from "./views.ts";

/** CreateRestore: of a backup that has succeeded, and one after the other in a cluster. */
export function createRestore(gke: GkeBackup, request: GkeRequest, now: number): object {
  const plan = findRestorePlan(gke, request.name);
  const id = checkId("restore_id", request.query["restoreId"]);
  const given = parseBody("restore", RestoreJson, request.body);
  const name = `${plan.name}/restores/${id}`;
  if (gke.state.restores.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${name}' already exists`);
  }
  const backup = sourceOf(gke, plan, given);
  checkFilter(plan, given);
  const running = [...gke.state.restores.values()].find(
    ({ cluster, state }) => cluster === plan.cluster && !isEnded(state),
  );
  if (running !== undefined) {
    throw notNow(`Restore '${running.name}' into the same cluster is still ${running.state}.`);
  }
  gke.state.restores.set(name, {
    name,
    uid: uidFor(`${name} ${countUp(gke.state, "resources")}`),
    createMs: now,
    updateMs: now,
    version: 1,
    description: given.description ?? "",
    labels: given.labels ?? {},
    plan: plan.name,
    backup: backup.name,
    cluster: plan.cluster,
    config: plan.restoreConfig,
    filter: given.filter,
    state: "CREATING",
    stateReason: "",
    startMs: now + gke.operationMs,
    endMs: now + Math.max(gke.operationMs, gke.restoreMs),
    failure: takeFailure(gke.state, plan.name),
    contents: backup.contents,
    restored: [],
    excluded: [],
    volumes: [],
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetRestore */
export function getRestore(gke: GkeBackup, request: GkeRequest): object {
  return restoreView(findRestore(gke, request.name));
}

/** ListRestores: oldest first; any part of the parent may be `-`. */
export function listRestores(gke: GkeBackup, request: GkeRequest): object {
  if (!request.name.includes("/-")) {
    findRestorePlan(gke, request.name);
  }
  const views = [...gke.state.restores.values()]
    .filter(({ name }) => isChildOf(name, request.name))
    .map(restoreView);
  const { items, nextPageToken } = listPage(views, request);
  return { restores: items, nextPageToken };
}

/** UpdateRestore: its description and labels. */
export function updateRestore(gke: GkeBackup, request: GkeRequest, now: number): object {
  const restore = findRestore(gke, request.name);
  const { description, labels, uid, version } = restore;
  const given = parseBody("restore", RestoreJson, request.body);
  const current = { fields: { description, labels }, uid, version };
  const next = applyUpdate<RestoreJson>(current, given, request);
  gke.state.restores.set(restore.name, {
    ...restore,
    description: next.description ?? "",
    labels: next.labels ?? {},
    updateMs: now,
    version: version + 1,
  });
  return begin(gke, { target: restore.name, verb: "update" }, now);
}

/** DeleteRestore: with volume restores only by force, and not while it is under way. */
export function deleteRestore(gke: GkeBackup, request: GkeRequest, now: number): object {
  const restore = findRestore(gke, request.name);
  const { name, state } = restore;
  checkEtag(restore, request.query["etag"]);
  if (!isEnded(state)) {
    throw notNow(`Restore '${name}' cannot be deleted while it is ${state}.`);
  }
  if (restore.volumes.length > 0 && !isTrue(request.query["force"])) {
    throw notNow(`Restore '${name}' has volume restores; set force to delete them too.`);
  }
  gke.state.restores.set(name, { ...restore, state: "DELETING" });
  return begin(gke, { target: name, verb: "delete" }, now);
}

/** ListVolumeRestores */
export function listVolumeRestores(gke: GkeBackup, request: GkeRequest): object {
  const views = volumeRestoreViews(findRestore(gke, request.name));
  const { items, nextPageToken } = listPage(views, request);
  return { volumeRestores: items, nextPageToken };
}

/** GetVolumeRestore */
export function getVolumeRestore(gke: GkeBackup, request: GkeRequest): object {
  const parent = request.name.split("/").slice(0, -2).join("/");
  const found = volumeRestoreViews(findRestore(gke, parent)).find(
    (view) => "name" in view && view.name === request.name,
  );
  if (found === undefined) {
    throw notFound(request.name);
  }
  return found;
}

function findRestore({ state }: GkeBackup, name: string): Restore {
  const restore = state.restores.get(name);
  if (restore === undefined) {
    throw notFound(name);
  }
  return restore;
}

function sourceOf(gke: GkeBackup, plan: RestorePlan, given: RestoreJson): Backup {
  const { backup: name = "" } = given;
  if (name === "") {
    throw missingField("backup");
  }
  if (!isChildOf(name, plan.backupPlan)) {
    throw invalidField("backup", `a backup of ${plan.backupPlan}`);
  }
  const backup = findBackup(gke, name);
  if (backup.state !== "SUCCEEDED") {
    throw notNow(`Backup '${name}' cannot be restored, because it is ${backup.state}.`);
  }
  return backup;
}

function checkFilter(plan: RestorePlan, given: RestoreJson): void {
  if (given.volumeDataRestorePolicyOverrides !== undefined) {
    throw notEmulated("volumeDataRestorePolicyOverrides");
  }
  if (given.filter === undefined) {
    return;
  }
  const mode = plan.restoreConfig.namespacedResourceRestoreMode ?? "";
  if (!mode.startsWith("MERGE_")) {
    throw invalidField("filter", "left out unless the restore plan's mode is one of MERGE_*");
  }
  const { inclusionFilters = [], exclusionFilters = [] } = given.filter;
  for (const { namespace, ...others } of [...inclusionFilters, ...exclusionFilters]) {
    if (namespace === undefined || Object.keys(others).length > 0) {
      throw notEmulated("a filter by anything but the namespace");
    }
  }
}
