import { randomUUID } from "node:crypto";
import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import type { Due } from "../kit/pace.ts";
import { type PageLimits, paginate } from "../kit/page.ts";
import { holding, keepLogs } from "./content.ts";
import { sqlError } from "./sql-error.ts";
import {
  type BackupRun,
  changeInstance,
  type CloudSql,
  type Instance,
  type Operation,
} from "./state.ts";

/** What part of an operation's time it is PENDING before it is RUNNING. */
const PENDING_SHARE = 0.1;

/** How many operations are remembered. */
const OPERATIONS_MAX = 1_000;

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** Where links of the API lead. */
export const LINK_BASE = "https://sqladmin.googleapis.com/v1/projects";

/** What a new operation is about. */
type Beginning = Pick<Operation, "operationType"> & {
  readonly target: Pick<Instance, "project" | "name">;
  readonly durationMs: number;
  readonly backupId?: string;
  readonly settings?: Instance["settings"];
  readonly content?: string;
};

/**
 * Refuses what has to wait for the operation that is under way on an instance.
 * Source: https://cloud.google.com/sql/docs/postgres/troubleshooting
 * @throws GoogleError ABORTED with the reason operationInProgress
 */
export function requireIdle(
  { state }: CloudSql,
  { project, name }: Pick<Instance, "project" | "name">,
): void {
  for (const { status, targetProject, targetId } of state.Operation.values()) {
    if (status !== "DONE" && targetProject === project && targetId === name) {
      throw sqlError(
        "operationInProgress",
        "Operation failed because another operation was already in progress.",
      );
    }
  }
}

/**
 * Begins an operation and gives it: from now on it keeps its instance busy, and the clock moves it.
 * @throws GoogleError ABORTED when it is busy.
 */
export function begin(sql: CloudSql, beginning: Beginning, nowMs: number): object {
  const { operationType, target, durationMs, backupId, ...work } = beginning;
  const { project, name: instance } = target;
  requireIdle(sql, target);
  const name = randomUUID();
  const operation = {
    kind: "sql#operation",
    name,
    status: "PENDING" as const,
    operationType,
    targetId: instance,
    targetProject: project,
    targetLink: `${LINK_BASE}/${project}/instances/${instance}`,
    selfLink: `${LINK_BASE}/${project}/operations/${name}`,
    insertTime: toTimestamp(nowMs),
    ...(backupId === undefined ? {} : { backupContext: { kind: "sql#backupContext", backupId } }),
    hidden: {
      nextMs: nowMs + Math.floor(durationMs * PENDING_SHARE),
      endMs: nowMs + durationMs,
      failure: takeFailure(sql, instance, operationType),
      ...work,
    },
  };
  keep(sql, operation);
  return withoutHidden(operation);
}

/** Keeps an operation; of too many the oldest that are done are forgotten. */
function keep({ state }: CloudSql, operation: Operation): void {
  state.Operation.set(operation.name, operation);
  for (const { name, status } of state.Operation.values()) {
    if (state.Operation.size > OPERATIONS_MAX && status === "DONE") {
      state.Operation.delete(name);
    }
  }
}

function takeFailure(
  { state: { PlannedFailure: failures } }: CloudSql,
  instance: string,
  operation: Operation["operationType"],
): string | null {
  const [key = "", planned] =
    [...failures].find(([, one]) => one.instance === instance && one.operation === operation) ?? [];
  failures.delete(key);
  return planned?.message ?? null;
}

/** All that is to happen by itself. */
export function* allDue(sql: CloudSql): Generator<Due> {
  for (const operation of sql.state.Operation.values()) {
    const { nextMs: atMs } = operation.hidden;
    if (atMs !== null) {
      yield { atMs, happen: () => move(sql, operation, atMs) };
    }
  }
}

function move(sql: CloudSql, operation: Operation, atMs: number): void {
  const { name, hidden, status, operationType } = operation;
  const { failure } = hidden;
  const time = toTimestamp(atMs);
  const work = WORKS[operationType];
  const about = { sql, operation, atMs };
  if (status === "PENDING") {
    const next = { ...hidden, nextMs: hidden.endMs };
    sql.state.Operation.set(name, {
      ...operation,
      status: "RUNNING",
      startTime: time,
      hidden: next,
    });
    work.start?.(about);
    return;
  }
  const error =
    failure === null ? {} : { error: { kind: "sql#operationErrors", errors: [errorOf(failure)] } };
  const next = { ...hidden, nextMs: null };
  sql.state.Operation.set(name, {
    ...operation,
    ...error,
    status: "DONE",
    endTime: time,
    hidden: next,
  });
  if (failure === null) {
    work.succeed(about);
  } else {
    work.fail?.(about, failure);
  }
}

function errorOf(message: string): object {
  return { kind: "sql#operationError", code: "INTERNAL_ERROR", message };
}

type About = { readonly sql: CloudSql; readonly operation: Operation; readonly atMs: number };

/** What becomes of what an operation is about; what is not said stays as it was. */
type Work = {
  readonly start?: (about: About) => void;
  readonly succeed: (about: About) => void;
  readonly fail?: (about: About, message: string) => void;
};

const CREATE: Work = {
  succeed: (about) =>
    onInstance(about, (instance) => keepLogs({ ...instance, state: "RUNNABLE" }, about.atMs)),
  fail: (about) => onInstance(about, (instance) => ({ ...instance, state: "FAILED" })),
};

const WORKS: Readonly<Record<Operation["operationType"], Work>> = {
  CREATE,
  CREATE_REPLICA: CREATE,
  UPDATE: {
    succeed: (about) =>
      onInstance(about, (instance) => {
        const { settings = instance.settings } = about.operation.hidden;
        return keepLogs({ ...instance, settings }, about.atMs);
      }),
  },
  DELETE: {
    succeed: ({ sql: { state }, operation: { targetProject, targetId } }) => {
      const key = `${targetProject}/${targetId}`;
      state.Instance.delete(key);
      // Its backups go with it.
      for (const run of [...state.BackupRun.keys()].filter((one) => one.startsWith(`${key}/`))) {
        state.BackupRun.delete(run);
      }
    },
    fail: (about) => onInstance(about, (instance) => ({ ...instance, state: "RUNNABLE" })),
  },
  BACKUP_VOLUME: {
    // A backup has what the instance held when it started, whatever is written while it is taken.
    start: (about) =>
      onRun(about, (run) => {
        const { targetProject: project, targetId } = about.operation;
        const instance = about.sql.state.Instance.get(`${project}/${targetId}`);
        const content = instance?.hidden.content.text ?? "";
        const startTime = toTimestamp(about.atMs);
        return { ...run, status: "RUNNING", startTime, hidden: { project, content } };
      }),
    succeed: (about) =>
      onRun(about, (run) => ({ ...run, status: "SUCCESSFUL", endTime: toTimestamp(about.atMs) })),
    fail: (about, message) =>
      onRun(about, (run) => {
        const endTime = toTimestamp(about.atMs);
        return { ...run, status: "FAILED", endTime, error: errorOf(message) };
      }),
  },
  DELETE_BACKUP: {
    succeed: (about) => void about.sql.state.BackupRun.delete(runKey(about.operation)),
    fail: (about) =>
      onRun(about, (run) => ({
        ...run,
        status: run.error === undefined ? "SUCCESSFUL" : "FAILED",
      })),
  },
  RESTORE_VOLUME: {
    start: (about) => onInstance(about, (instance) => ({ ...instance, state: "MAINTENANCE" })),
    // Its own settings stay, and its transaction logs of the time before are gone.
    succeed: (about) =>
      onInstance(about, (instance) => {
        const held = holding(instance, about.operation.hidden.content ?? "");
        const hidden = { ...held, logsSinceMs: null };
        return keepLogs({ ...instance, state: "RUNNABLE", hidden }, about.atMs);
      }),
    fail: (about) => onInstance(about, (instance) => ({ ...instance, state: "RUNNABLE" })),
  },
};

function onInstance(
  { sql, operation: { targetProject, targetId } }: About,
  change: (instance: Instance) => Instance,
): void {
  const instance = sql.state.Instance.get(`${targetProject}/${targetId}`);
  if (instance !== undefined) {
    changeInstance(sql, instance, change(instance));
  }
}

function onRun({ sql, operation }: About, change: (run: BackupRun) => BackupRun): void {
  const run = sql.state.BackupRun.get(runKey(operation));
  if (run !== undefined) {
    sql.state.BackupRun.set(runKey(operation), change(run));
  }
}

function runKey({ targetProject, targetId, backupContext }: Operation): string {
  return `${targetProject}/${targetId}/${backupContext?.backupId ?? ""}`;
}

/** SqlOperationsService.Get */
export function getOperation(
  { state }: CloudSql,
  { project, operation = "" }: { readonly project?: string; readonly operation?: string },
): object {
  const found = state.Operation.get(operation);
  if (found === undefined || found.targetProject !== project) {
    throw sqlError("operationDoesNotExist", "The Cloud SQL instance operation does not exist.");
  }
  return withoutHidden(found);
}

/** A page of a list, in which this API says `maxResults` where others say `pageSize`. */
export type ListRequest = {
  readonly project?: string;
  readonly instance?: string;
  readonly filter?: string;
  readonly maxResults?: number;
  readonly pageToken?: string;
};

/** SqlOperationsService.List: the newest first, of one instance or of all. */
export function listOperations({ state }: CloudSql, request: ListRequest): object {
  const { project, instance = "" } = request;
  const found = [...state.Operation.values()].filter(
    (one) => one.targetProject === project && (instance === "" || one.targetId === instance),
  );
  return listOf("sql#operationsList", found.toReversed(), { request, limits: PAGE_LIMITS });
}

/** One page of a list as this API answers it. */
export function listOf(
  kind: string,
  found: readonly object[],
  { request, limits }: { readonly request: ListRequest; readonly limits: PageLimits },
): object {
  const { maxResults: pageSize, pageToken } = request;
  const page = paginate(found, { pageSize, pageToken }, limits);
  return { kind, items: page.items.map(withoutHidden), nextPageToken: page.nextPageToken };
}
