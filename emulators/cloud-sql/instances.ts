import type { Hono } from "hono";
import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { addContentRoutes } from "../kit/content-routes.ts";
import { googleError } from "../kit/google-error.ts";
import { begin, listOf, type ListRequest, showOperation, underWay } from "./operations.ts";
import { invalid, sqlError } from "./sql-error.ts";
import {
  type CloudSql,
  findInstance,
  type Instance,
  type InstanceRequest,
  notHere,
  putContent,
  putInstance,
  type SettingsJson,
} from "./state.ts";

/** The form of a name; unconfirmed, see README.md. */
const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const NAME_WITH_PROJECT_LENGTH_MAX = 98;

const LOG_DAYS_DEFAULT = 7;
const DAY_MS = 86_400_000;

/** What callers can say about a google.cloud.sql.v1.DatabaseInstance, in JSON; other fields are kept. */
type InstanceJson = {
  readonly name?: string;
  readonly region?: string;
  readonly databaseVersion?: string;
  readonly masterInstanceName?: string;
  readonly gceZone?: string;
  readonly settings?: SettingsJson;
};

/** SqlInstancesService.Insert: as it is given. A replica has data of its own. */
export function insertInstance(
  sql: CloudSql,
  request: { readonly project?: string; readonly body?: InstanceJson },
  nowMs: number,
): object {
  const { project = "", body = {} } = request;
  const { region = "us-central1", masterInstanceName } = body;
  const { name, settings } = checked(project, body);
  if (sql.state.instances.has(`${project}/${name}`)) {
    throw sqlError("instanceAlreadyExists", "The Cloud SQL instance already exists.");
  }
  const target = { project, name };
  const { createMs: durationMs } = sql.durations;
  const operation = begin(sql, { operationType: "CREATE", target, durationMs }, nowMs);
  const instance = {
    databaseVersion: "MYSQL_8_0",
    gceZone: `${region}-a`,
    ...body,
    ...target,
    region,
    settings,
    instanceType: masterInstanceName === undefined ? "CLOUD_SQL_INSTANCE" : "READ_REPLICA_INSTANCE",
    connectionName: `${project}:${region}:${name}`,
    createTime: toTimestamp(nowMs),
    hidden: { content: { version: 0, text: "", sinceMs: Date.parse(operation.endTime) } },
  };
  putInstance(sql, instance);
  return showOperation(operation, nowMs);
}

/** @throws GoogleError INVALID_ARGUMENT */
function checked(
  project: string,
  { name = "", settings = {} }: InstanceJson,
): Pick<Instance, "name" | "settings"> {
  if (!NAME.test(name) || `${project}:${name}`.length > NAME_WITH_PROJECT_LENGTH_MAX) {
    throw invalid(`invalid instance name (${name}).`);
  }
  if ((settings.tier ?? "") === "") {
    throw invalid("Missing parameter: tier.");
  }
  return { name, settings };
}

/** Whether an instance is there, with what is under way on it. */
function stateOf(sql: CloudSql, instance: Instance, nowMs: number): string {
  const { operationType } = underWay(sql, instance, nowMs) ?? {};
  if (operationType === "CREATE") {
    return "PENDING_CREATE";
  }
  return operationType === "RESTORE_VOLUME" ? "MAINTENANCE" : "RUNNABLE";
}

function showInstance(sql: CloudSql, instance: Instance, nowMs: number): object {
  return { ...withoutHidden(instance), state: stateOf(sql, instance, nowMs) };
}

/** SqlInstancesService.Get */
export function getInstance(sql: CloudSql, request: InstanceRequest, nowMs: number): object {
  return showInstance(sql, findInstance(sql, request), nowMs);
}

/** SqlInstancesService.List */
export function listInstances(sql: CloudSql, request: ListRequest, nowMs: number): object {
  if ((request.filter ?? "") !== "") {
    notHere("filters of instances");
  }
  const found = [...sql.state.instances.values()].filter(
    ({ project }) => project === request.project,
  );
  return listOf(found, request, (one) => showInstance(sql, one, nowMs));
}

/** SqlInstancesService.GetLatestRecoveryTime */
export function getLatestRecoveryTime(
  sql: CloudSql,
  request: InstanceRequest,
  nowMs: number,
): object {
  const instance = findInstance(sql, request);
  const { backupConfiguration: backups = {} } = instance.settings;
  if (backups.pointInTimeRecoveryEnabled !== true && backups.binaryLogEnabled !== true) {
    throw invalid("point in time recovery is not enabled for this instance.");
  }
  const { transactionLogRetentionDays: days = LOG_DAYS_DEFAULT } = backups;
  const { sinceMs } = instance.hidden.content;
  return {
    earliestRecoveryTime: toTimestamp(Math.max(sinceMs, nowMs - days * DAY_MS)),
    latestRecoveryTime: toTimestamp(nowMs),
  };
}

const PATH = "/emulator/v1/projects/:project/instances/:instance/content";

/** Adds what a client of the database would see: an instance's data is one text. */
export function addContent(app: Hono, sql: CloudSql, now: () => number): void {
  addContentRoutes(app, PATH, {
    read: (params) => findInstance(sql, params).hidden.content,
    write: (params, text) => {
      const instance = findInstance(sql, params);
      const state = stateOf(sql, instance, now());
      if (state !== "RUNNABLE") {
        throw googleError("FAILED_PRECONDITION", `${instance.name} cannot be written: ${state}.`);
      }
      return putContent(sql, instance, { text });
    },
  });
}
