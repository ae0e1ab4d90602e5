import type { Due } from "../kit/pace.ts";
import { endOperation } from "./long-running.ts";
import { bringBack, capture } from "./namespaces.ts";
import type { Backup, GkeBackup, Restore } from "./state.ts";
import { isEnded, lockEndMs, retainEndMs } from "./views.ts";

/** All that is to happen by itself. What is due at the same time happens in this order: states move before operations end. */
export function* allDue(gke: GkeBackup): Generator<Due> {
  const { state } = gke;
  for (const backup of state.backups.values()) {
    yield* backupDue(gke, backup);
  }
  for (const restore of state.restores.values()) {
    yield* restoreDue(gke, restore);
  }
  for (const operation of state.operations.values()) {
    if (operation.response === null) {
      const atMs = operation.endMs;
      const { target } = operation;
      yield { atMs, happen: () => (makeReady(gke, target), endOperation(gke, operation)) };
    }
  }
}

function* backupDue(gke: GkeBackup, backup: Backup): Generator<Due> {
  const { name, startMs, endMs } = backup;
  const { backups } = gke.state;
  if (backup.state === "CREATING") {
    yield { atMs: startMs, happen: () => startBackup(gke, backup) };
  }
  if (backup.state === "IN_PROGRESS") {
    yield { atMs: endMs, happen: () => endBackup(gke, backup) };
  }
  const retainMs = retainEndMs(backup);
  if (isEnded(backup.state) && retainMs !== null) {
    // A delete lock also keeps a backup from being deleted by itself.
    const atMs = Math.max(retainMs, lockEndMs(backup));
    yield { atMs, happen: () => void backups.delete(name) };
  }
}

function* restoreDue({ state }: GkeBackup, restore: Restore): Generator<Due> {
  const { name, startMs, endMs } = restore;
  if (restore.state === "CREATING") {
    const next = { ...restore, state: "IN_PROGRESS" } as const;
    yield { atMs: startMs, happen: () => void state.restores.set(name, next) };
  }
  if (restore.state === "IN_PROGRESS") {
    yield {
      atMs: endMs,
      happen: () => {
        const { failure } = restore;
        const end =
          failure === null
            ? bringBack(state, restore)
            : ({ state: "FAILED", stateReason: failure } as const);
        state.restores.set(name, { ...restore, ...end, ...changedAt(restore, endMs) });
      },
    };
  }
}

function startBackup({ state }: GkeBackup, backup: Backup): void {
  const contents = capture(state, backup.cluster, backup.config);
  state.backups.set(backup.name, { ...backup, state: "IN_PROGRESS", contents });
}

function endBackup({ state }: GkeBackup, backup: Backup): void {
  const { name, failure, endMs } = backup;
  state.backups.set(name, {
    ...backup,
    ...changedAt(backup, endMs),
    state: failure === null ? "SUCCEEDED" : "FAILED",
    stateReason: failure ?? "",
  });
  const plan = state.backupPlans.get(backup.plan);
  if (plan !== undefined && failure === null) {
    const protectedPodCount = Object.keys(backup.contents).length;
    state.backupPlans.set(plan.name, { ...plan, lastSuccessMs: endMs, protectedPodCount });
  }
}

function makeReady({ state }: GkeBackup, name: string): void {
  const plan = state.backupPlans.get(name);
  if (plan?.state === "PROVISIONING") {
    state.backupPlans.set(name, { ...plan, state: plan.deactivated ? "DEACTIVATED" : "READY" });
  }
}

function changedAt(
  { version }: Backup | Restore,
  updateMs: number,
): { readonly version: number; readonly updateMs: number } {
  return { version: version + 1, updateMs };
}
