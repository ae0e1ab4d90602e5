import { begin } from "./begin.ts";
import { findInstance, requireRunning } from "./find.ts";
import type { InstanceRequest } from "./json.ts";
import { invalid, sqlError } from "./sql-error.ts";
import type { CloudSql, InstanceRecord } from "./state.ts";
import { operationView } from "./views.ts";

type DatabaseRequest = InstanceRequest & { readonly database?: string };

/** SqlDatabasesService.List */
export function listDatabases(run: CloudSql, request: InstanceRequest): object {
  const instance = findInstance(run.state, request);
  requireRunning(instance);
  const items = instance.databases.map((name) => databaseView(instance, name));
  return { kind: "sql#databasesList", items };
}

/** SqlDatabasesService.Get */
export function getDatabase(run: CloudSql, request: DatabaseRequest): object {
  const instance = findInstance(run.state, request);
  return databaseView(instance, findDatabase(instance, request.database));
}

/** SqlDatabasesService.Insert */
export function insertDatabase(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: { readonly name?: string } },
  now: number,
): object {
  const instance = findInstance(run.state, request);
  const name = request.body?.name ?? "";
  requireRunning(instance);
  if (name === "") {
    throw invalid("Missing parameter: name.");
  }
  if (instance.databases.includes(name)) {
    throw sqlError("databaseAlreadyExists", `database "${name}" already exists.`);
  }
  const databases = [...instance.databases, name];
  return setDatabases(run, { instance, type: "CREATE_DATABASE", databases }, now);
}

/** SqlDatabasesService.Delete */
export function deleteDatabase(run: CloudSql, request: DatabaseRequest, now: number): object {
  const instance = findInstance(run.state, request);
  requireRunning(instance);
  const name = findDatabase(instance, request.database);
  const databases = instance.databases.filter((one) => one !== name);
  return setDatabases(run, { instance, type: "DELETE_DATABASE", databases }, now);
}

function setDatabases(
  run: CloudSql,
  change: {
    readonly instance: InstanceRecord;
    readonly type: "CREATE_DATABASE" | "DELETE_DATABASE";
    readonly databases: readonly string[];
  },
  now: number,
): object {
  const { instance: target, type, databases } = change;
  const work = { kind: "set-databases", databases } as const;
  const durationMs = run.durations.changeMs;
  return operationView(run.state, begin(run, { target, type, work, durationMs }, now));
}

function findDatabase({ databases }: InstanceRecord, name: string | undefined): string {
  const found = databases.find((one) => one === name);
  if (found === undefined) {
    throw sqlError("databaseDoesNotExist", `database "${name ?? ""}" does not exist.`);
  }
  return found;
}

function databaseView({ project, name: instance }: InstanceRecord, name: string): object {
  const selfLink = `https://sqladmin.googleapis.com/v1/projects/${project}/instances/${instance}/databases/${name}`;
  return { kind: "sql#database", name, project, instance, selfLink };
}
