import { type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import { methodsOn, type Run } from "../kit/call.ts";
import type { Api } from "../kit/server.ts";
import {
  deleteBackupRun,
  getBackupRun,
  insertBackupRun,
  listBackupRuns,
  restoreBackup,
} from "./backup-runs.ts";
import { getInstance, getLatestRecoveryTime, insertInstance, listInstances } from "./instances.ts";
import { getOperation, listOperations } from "./operations.ts";
import type { CloudSql } from "./state.ts";

const PROTOS = "@google-cloud/sql/build/protos/protos.json";

/** Both have the same messages under other paths: `/v1/…` and `/sql/v1beta4/…`. */
const VERSIONS = ["v1", "v1beta4"] as const;

/** The services of the API. */
const SERVICES = [
  "SqlBackupRunsService",
  "SqlBackupsService",
  "SqlConnectService",
  "SqlDatabasesService",
  "SqlFlagsService",
  "SqlInstancesService",
  "SqlOperationsService",
  "SqlSslCertsService",
  "SqlTiersService",
  "SqlUsersService",
] as const;

/**
 * The methods that are here, each with its permission; all others answer UNIMPLEMENTED by name.
 * Source: https://cloud.google.com/sql/docs/postgres/roles-and-permissions
 */
const METHODS: readonly (readonly [name: string, permission: string, run: Run<CloudSql, never>])[] =
  [
    ["SqlInstancesService/Insert", "instances.create", insertInstance],
    ["SqlInstancesService/Get", "instances.get", getInstance],
    ["SqlInstancesService/List", "instances.list", listInstances],
    ["SqlInstancesService/RestoreBackup", "instances.restoreBackup", restoreBackup],
    ["SqlInstancesService/GetLatestRecoveryTime", "instances.get", getLatestRecoveryTime],
    ["SqlBackupRunsService/Insert", "backupRuns.create", insertBackupRun],
    ["SqlBackupRunsService/Get", "backupRuns.get", getBackupRun],
    ["SqlBackupRunsService/List", "backupRuns.list", listBackupRuns],
    ["SqlBackupRunsService/Delete", "backupRuns.delete", deleteBackupRun],
    ["SqlOperationsService/Get", "instances.get", getOperation],
    ["SqlOperationsService/List", "instances.get", listOperations],
  ];

/** The services in both versions, each method an operation on the state. */
export function createApis(sql: CloudSql): readonly Api[] {
  return VERSIONS.flatMap((version) =>
    SERVICES.map((service) => {
      const prefix = `${service}/`;
      const own = METHODS.filter(([name]) => name.startsWith(prefix));
      const operations = own.map(([name, , run]) => [name.slice(prefix.length), run] as const);
      return {
        protos: PROTOS,
        service: `google.cloud.sql.${version}.${service}`,
        unary: methodsOn(sql, Object.fromEntries(operations)),
      };
    }),
  );
}

/** Rights on an instance and on what is in it are rights on the instance, or else on the project. */
function on(permission: string): Rule {
  return (request) => {
    const instance = textAt(request, "instance");
    const project = `projects/${textAt(request, "project")}`;
    const resource = instance === "" ? project : `${project}/instances/${instance}`;
    return [{ permission: `cloudsql.${permission}`, resource }];
  };
}

/** The permission of each method. */
export const RULES: Rules = Object.fromEntries(
  METHODS.map(([name, permission]) => [name, on(permission)]),
);
