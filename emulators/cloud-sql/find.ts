import type { InstanceRequest } from "./json.ts";
import { invalid, invalidOperation, noInstance, sqlError } from "./sql-error.ts";
import type { BackupRecord, InstanceRecord, State } from "./state.ts";

/** Stands for every instance of a project where backup runs are listed. */
export const ANY_INSTANCE = "-";

/**
 * The instance that a request names.
 * @throws GoogleError NOT_FOUND, also when it is in another project.
 */
export function findInstance(state: State, request: InstanceRequest): InstanceRecord {
  const { project = "", instance = "" } = request;
  const found = state.instances.get(`${project}/${instance}`);
  if (found === undefined) {
    throw noInstance();
  }
  return found;
}

/** The read replicas of an instance. */
export function replicasOf(
  state: State,
  { project, name }: InstanceRecord,
): readonly InstanceRecord[] {
  return [...state.instances.values()].filter(
    (one) => one.project === project && one.resource.masterInstanceName === name,
  );
}

/**
 * Refuses what only a running instance can do.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function requireRunning({ state }: InstanceRecord): void {
  if (state !== "RUNNABLE") {
    throw invalid("Invalid request since instance is not running.");
  }
}

/**
 * Refuses what a read replica cannot do.
 * @throws GoogleError FAILED_PRECONDITION
 */
export function requirePrimary({ resource }: InstanceRecord): void {
  if (resource.masterInstanceName !== undefined) {
    throw invalidOperation();
  }
}

/** The runs of an instance, newest first; those it waits for and those it takes included. */
export function runsOf(
  state: State,
  { project, instance }: { readonly project: string; readonly instance: string },
): readonly BackupRecord[] {
  return [...state.backups.values()]
    .filter((one) => one.project === project)
    .filter((one) => instance === ANY_INSTANCE || one.instance === instance)
    .toSorted((left, right) => right.enqueuedMs - left.enqueuedMs || right.runId - left.runId);
}

/**
 * The run of an instance with an id.
 * @throws GoogleError NOT_FOUND
 */
export function findRun(
  state: State,
  request: InstanceRequest & { readonly id?: string },
): BackupRecord {
  const { project = "", instance = "", id = "0" } = request;
  findInstance(state, request);
  const found = runsOf(state, { project, instance }).find(({ runId }) => String(runId) === id);
  if (found === undefined) {
    throw sqlError("backupDoesNotExist", "The backup does not exist.");
  }
  return found;
}
