import { uidFor } from "./names.ts";
import { countUp, takeFailure, type Backup, type BackupPlan, type GkeBackup } from "./state.ts";

/** What a new backup is called and how long it is kept. */
type NewBackup = Pick<
  Backup,
  "description" | "labels" | "manual" | "deleteLockDays" | "retainDays"
> & { readonly id: string };

/** Puts a backup there that the clock then takes to its end. */
export function newBackup(
  gke: GkeBackup,
  plan: BackupPlan,
  { wanted, now }: { readonly wanted: NewBackup; readonly now: number },
): Backup {
  const { state, operationMs, backupMs } = gke;
  const { id, ...rest } = wanted;
  const name = `${plan.name}/backups/${id}`;
  const backup: Backup = {
    ...rest,
    name,
    uid: uidFor(`${name} ${countUp(state, "resources")}`),
    createMs: now,
    updateMs: now,
    version: 1,
    plan: plan.name,
    cluster: plan.cluster,
    config: plan.backupConfig,
    state: "CREATING",
    stateReason: "",
    startMs: now + operationMs,
    endMs: now + Math.max(operationMs, backupMs),
    failure: takeFailure(state, plan.name),
    contents: {},
  };
  state.backups.set(name, backup);
  return backup;
}

/** The backup of a plan that has not ended, if there is one. */
export function backupUnderWay({ state }: GkeBackup, plan: string): Backup | undefined {
  return [...state.backups.values()].find(
    (one) => one.plan === plan && (one.state === "CREATING" || one.state === "IN_PROGRESS"),
  );
}
