import { findIn, listIn, newResource, refuseTaken } from "./collection.ts";
import { begin } from "./long-running.ts";
import { checkId, isChildOf } from "./names.ts";
import { invalidField, missingField, notEmulated, notNow } from "./refusal.ts";
import type { ByName, CreateRestore, List } from "./requests.ts";
import { type Backup, type GkeBackup, type RestorePlan, takeFailure } from "./state.ts";
import { isEnded, restoreView } from "./views.ts";

/** CreateRestore: of a backup that has succeeded, and one after the other in a cluster. */
export function createRestore(gke: GkeBackup, request: CreateRestore, now: number): object {
  const { state, durations } = gke;
  const { operationMs, restoreMs } = durations;
  const plan = findIn(state.restorePlans, request.parent);
  const name = `${plan.name}/restores/${checkId("restore_id", request.restoreId)}`;
  refuseTaken(state.restores, name);
  const { restore: given } = request;
  const backup = sourceOf(gke, plan, given.backup);
  for (const field of ["filter", "volumeDataRestorePolicyOverrides"] as const) {
    if (given[field] !== undefined) {
      throw notEmulated(field);
    }
  }
  const running = [...state.restores.values()].find(
    (one) => one.cluster === plan.cluster && !isEnded(one.state),
  );
  if (running !== undefined) {
    throw notNow(`Restore '${running.name}' into the same cluster is still ${running.state}.`);
  }
  state.restores.set(name, {
    ...newResource(gke, given, { name, now }),
    plan: plan.name,
    backup: backup.name,
    cluster: plan.cluster,
    config: plan.restoreConfig,
    state: "CREATING",
    stateReason: "",
    startMs: now + operationMs,
    endMs: now + Math.max(operationMs, restoreMs),
    failure: takeFailure(state, plan.name),
    contents: backup.contents,
    restored: [],
    excluded: [],
    volumes: [],
  });
  return begin(gke, { target: name, verb: "create" }, now);
}

/** GetRestore */
export function getRestore({ state }: GkeBackup, { name }: ByName): object {
  return restoreView(findIn(state.restores, name));
}

/** ListRestores: oldest first; any part of the parent may be `-`. */
export function listRestores({ state }: GkeBackup, request: List): object {
  if (!request.parent.includes("/-")) {
    findIn(state.restorePlans, request.parent);
  }
  const { items, nextPageToken } = listIn(state.restores, request, restoreView);
  return { restores: items, nextPageToken };
}

function sourceOf({ state }: GkeBackup, plan: RestorePlan, name = ""): Backup {
  if (name === "") {
    throw missingField("backup");
  }
  if (!isChildOf(name, plan.backupPlan)) {
    throw invalidField("backup", `a backup of ${plan.backupPlan}`);
  }
  const backup = findIn(state.backups, name);
  if (backup.state !== "SUCCEEDED") {
    throw notNow(`Backup '${name}' cannot be restored, because it is ${backup.state}.`);
  }
  return backup;
}
