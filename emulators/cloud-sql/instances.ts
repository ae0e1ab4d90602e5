import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { parseFilter } from "../kit/filter.ts";
import { googleError } from "../kit/google-error.ts";
import { begin, LINK_BASE, listOf, type ListRequest, requireIdle } from "./operations.ts";
import { completeSettings, mergeSettings } from "./settings.ts";
import { invalid, invalidOperation, sqlError } from "./sql-error.ts";
import {
  changeInstance,
  type CloudSql,
  findInstance,
  type Instance,
  type InstanceRequest,
  replicasOf,
  type SettingsJson,
} from "./state.ts";

const PAGE_LIMITS = { defaultSize: 500, maxSize: 1000 };

/** The form of a name; unconfirmed, see README.md. */
const NAME = /^[a-z](?:[a-z0-9-]*[a-z0-9])?$/;
const NAME_WITH_PROJECT_LENGTH_MAX = 98;

/** What callers can say about a google.cloud.sql.v1.DatabaseInstance, in JSON. */
type InstanceJson = {
  readonly name?: string;
  readonly region?: string;
  readonly databaseVersion?: string;
  readonly masterInstanceName?: string;
  readonly gceZone?: string;
  readonly settings?: SettingsJson;
};

/** SqlInstancesService.Insert */
export function insertInstance(
  sql: CloudSql,
  request: { readonly project?: string; readonly body?: InstanceJson },
  nowMs: number,
): object {
  const { project = "", body = {} } = request;
  const { masterInstanceName = "" } = body;
  const name = checkName(project, body.name ?? "");
  const own =
    masterInstanceName === ""
      ? ownResource(body)
      : replicaOf(primaryOf(sql, project, masterInstanceName), body);
  if (sql.state.Instance.has(`${project}/${name}`)) {
    throw sqlError("instanceAlreadyExists", "The Cloud SQL instance already exists.");
  }
  const { region = "us-central1" } = body;
  const instance = {
    kind: "sql#instance",
    project,
    name,
    region,
    gceZone: body.gceZone ?? `${region}-a`,
    ...own,
    state: "PENDING_CREATE" as const,
    backendType: "SECOND_GEN",
    connectionName: `${project}:${region}:${name}`,
    selfLink: `${LINK_BASE}/${project}/instances/${name}`,
    createTime: toTimestamp(nowMs),
    hidden: { content: { version: 0, text: "" }, logsSinceMs: null },
  };
  changeInstance(sql, instance, {});
  const operationType = masterInstanceName === "" ? "CREATE" : "CREATE_REPLICA";
  const { createMs: durationMs } = sql.durations;
  return begin(sql, { operationType, target: instance, durationMs }, nowMs);
}

function checkName(project: string, name: string): string {
  if (!NAME.test(name) || `${project}:${name}`.length > NAME_WITH_PROJECT_LENGTH_MAX) {
    throw invalid(`invalid instance name (${name}).`);
  }
  return name;
}

type Own = Pick<Instance, "databaseVersion" | "settings" | "masterInstanceName"> & {
  readonly instanceType: string;
};

function ownResource({ databaseVersion = "MYSQL_8_0", settings = {} }: InstanceJson): Own {
  const instanceType = "CLOUD_SQL_INSTANCE";
  return { databaseVersion, settings: completeSettings(settings), instanceType };
}

function replicaOf(primary: Instance, { settings }: InstanceJson): Own {
  const { databaseVersion, project, name } = primary;
  const { backupConfiguration: _own, ...inherited } = primary.settings;
  return {
    databaseVersion,
    settings: completeSettings(mergeSettings(inherited, settings)),
    instanceType: "READ_REPLICA_INSTANCE",
    masterInstanceName: `${project}:${name}`,
  };
}

/** What a replica is of: given by its name, also with its project. */
function primaryOf(sql: CloudSql, project: string, name: string): Instance {
  const instance = name.slice(name.lastIndexOf(":") + 1);
  const primary = findInstance(sql, { project, instance });
  requireIdle(sql, primary);
  return primary;
}

/** SqlInstancesService.Get */
export function getInstance(sql: CloudSql, request: InstanceRequest): object {
  return withoutHidden(findInstance(sql, request));
}

/**
 * SqlInstancesService.List. In the filter, `name:abc settings.tier:x`, a colon asks for the whole value, unlike in most APIs.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/list
 */
export function listInstances(sql: CloudSql, request: ListRequest): object {
  const filter = (request.filter ?? "").replaceAll(/(^|[\s(])([A-Za-z_][\w.]*):/g, "$1$2=");
  const found = [...sql.state.Instance.values()]
    .filter(({ project }) => project === request.project)
    .filter(parseFilter(filter));
  return listOf("sql#instancesList", found, { request, limits: PAGE_LIMITS });
}

/**
 * SqlInstancesService.Patch: what the body has is put over the settings; messages are merged, lists and plain values
 * replaced. Nothing else of an instance changes here.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/patch
 */
export function patchInstance(
  sql: CloudSql,
  request: InstanceRequest & { readonly body?: InstanceJson },
  nowMs: number,
): object {
  const instance = findInstance(sql, request);
  const { settings: patch, ...others } = request.body ?? {};
  const current: Readonly<Record<string, unknown>> = instance;
  const changed = Object.entries(others).find(([field, value]) => current[field] !== value);
  if (changed !== undefined) {
    throw invalid(`${changed[0]} cannot be changed.`);
  }
  const { settingsVersion } = instance.settings;
  const settings = completeSettings(mergeSettings(instance.settings, patch));
  const { changeMs: durationMs } = sql.durations;
  return begin(
    sql,
    {
      operationType: "UPDATE",
      target: instance,
      durationMs,
      settings: { ...settings, settingsVersion: String(Number(settingsVersion) + 1) },
    },
    nowMs,
  );
}

/** SqlInstancesService.Delete */
export function deleteInstance(
  sql: CloudSql,
  request: InstanceRequest & { readonly enableFinalBackup?: boolean },
  nowMs: number,
): object {
  if (request.enableFinalBackup === true) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement final backups.");
  }
  const instance = findInstance(sql, request);
  if (instance.settings.deletionProtectionEnabled === true) {
    throw sqlError(
      "deletionProtectionEnabled",
      "The instance is protected. Please disable the deletion protection and try again.",
    );
  }
  if (replicasOf(sql, instance).length > 0) {
    throw invalidOperation();
  }
  const { changeMs: durationMs } = sql.durations;
  const operation = begin(sql, { operationType: "DELETE", target: instance, durationMs }, nowMs);
  changeInstance(sql, instance, { state: "PENDING_DELETE" });
  return operation;
}
