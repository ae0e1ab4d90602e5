import type { Context, Hono } from "hono";
import { readBody } from "../kit/body.ts";
import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { googleError } from "../kit/google-error.ts";
import { begin, listOf, type ListRequest, showOperation, underWay } from "./operations.ts";
import { invalid, sqlError } from "./sql-error.ts";
import {
  type CloudSql,
  contentOf,
  findInstance,
  type Instance,
  type InstanceRequest,
  notHere,
  putInstance,
  type SettingsJson,
} from "./state.ts";

/** The form of a name; unconfirmed, see README.md. */
const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const NAME_WITH_PROJECT_LENGTH_MAX = 98;

/** How large the marker may be, in characters. */
const CONTENT_LENGTH_MAX = 65_536;

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
  const { name = "", settings = {}, region = "us-central1", masterInstanceName } = body;
  if (!NAME.test(name) || `${project}:${name}`.length > NAME_WITH_PROJECT_LENGTH_MAX) {
    throw invalid(`invalid instance name (${name}).`);
  }
  if ((settings.tier ?? "") === "") {
    throw invalid("Missing parameter: tier.");
  }
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

/** Whether an instance is there, with what is under way on it. */
function stateOf(sql: CloudSql, instance: Instance, nowMs: number): string {
  switch (underWay(sql, instance, nowMs)?.operationType) {
    case "CREATE":
      return "PENDING_CREATE";
    case "RESTORE_VOLUME":
      return "MAINTENANCE";
    default:
      return "RUNNABLE";
  }
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
  const { sinceMs } = contentOf(instance, nowMs);
  return {
    earliestRecoveryTime: toTimestamp(Math.max(sinceMs, nowMs - days * DAY_MS)),
    latestRecoveryTime: toTimestamp(nowMs),
  };
}

const PATH = "/emulator/v1/projects/:project/instances/:instance/content";

/**
 * Adds the data plane: an instance's data is one text, read and written here. The service has nothing
 * like it; it stands for what a client of the database would see.
 */
export function addContentRoutes(app: Hono, sql: CloudSql, now: () => number): void {
  function answer(c: Context, instance: Instance): Response {
    const { text, version } = contentOf(instance, now());
    return c.text(text, 200, { "x-content-version": String(version) });
  }
  app.get(PATH, (c) => answer(c, findInstance(sql, c.req.param())));
  app.put(PATH, async (c) => {
    const text = await readBody(c.req.raw);
    const instance = findInstance(sql, c.req.param());
    const state = stateOf(sql, instance, now());
    if (state !== "RUNNABLE") {
      throw googleError("FAILED_PRECONDITION", `${instance.name} cannot be written: ${state}.`);
    }
    if (text.length > CONTENT_LENGTH_MAX) {
      throw googleError("INVALID_ARGUMENT", `More than ${CONTENT_LENGTH_MAX} characters`);
    }
    const before = contentOf(instance, now());
    const content = { ...before, version: before.version + 1, text };
    const written = { ...instance, hidden: { content } };
    putInstance(sql, written);
    return answer(c, written);
  });
}
