import { type Rule, type Rules, textAt } from "../kit/access/rules.ts";
import { methodsOn } from "../kit/call.ts";
import type { Api } from "../kit/server.ts";
import {
  deleteBackupRun,
  getBackupRun,
  insertBackupRun,
  listBackupRuns,
  restoreBackup,
} from "./backup-runs.ts";
import { getLatestRecoveryTime } from "./content.ts";
import {
  deleteInstance,
  getInstance,
  insertInstance,
  listInstances,
  patchInstance,
} from "./instances.ts";
import { getOperation, listOperations } from "./operations.ts";
import type { CloudSql } from "./state.ts";

const PROTOS = "@google-cloud/sql/build/protos/protos.json";

/** Both have the same messages under other paths: `/v1/…` and `/sql/v1beta4/…`. */
const VERSIONS = ["v1", "v1beta4"] as const;

/** The services of the API; what they do not have here answers UNIMPLEMENTED by name. */
const SERVICES = {
  SqlInstancesService: {
    Insert: insertInstance,
    Get: getInstance,
    List: listInstances,
    Patch: patchInstance,
    Delete: deleteInstance,
    RestoreBackup: restoreBackup,
    GetLatestRecoveryTime: getLatestRecoveryTime,
  },
  SqlBackupRunsService: {
    Insert: insertBackupRun,
    Get: getBackupRun,
    List: listBackupRuns,
    Delete: deleteBackupRun,
  },
  SqlOperationsService: { Get: getOperation, List: listOperations },
  SqlBackupsService: {},
  SqlConnectService: {},
  SqlDatabasesService: {},
  SqlFlagsService: {},
  SqlSslCertsService: {},
  SqlTiersService: {},
  SqlUsersService: {},
};

/** The services in both versions, each method an operation on the state. */
export function createApis(sql: CloudSql): readonly Api[] {
  return VERSIONS.flatMap((version) =>
    Object.entries(SERVICES).map(([service, operations]) => ({
      protos: PROTOS,
      service: `google.cloud.sql.${version}.${service}`,
      unary: methodsOn(sql, operations),
    })),
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

/** The permission of each method. Source: https://cloud.google.com/sql/docs/postgres/roles-and-permissions */
export const RULES: Rules = {
  "SqlInstancesService/Insert": on("instances.create"),
  "SqlInstancesService/Get": on("instances.get"),
  "SqlInstancesService/List": on("instances.list"),
  "SqlInstancesService/Patch": on("instances.update"),
  "SqlInstancesService/Delete": on("instances.delete"),
  "SqlInstancesService/RestoreBackup": on("instances.restoreBackup"),
  "SqlInstancesService/GetLatestRecoveryTime": on("instances.get"),
  "SqlBackupRunsService/Insert": on("backupRuns.create"),
  "SqlBackupRunsService/Get": on("backupRuns.get"),
  "SqlBackupRunsService/List": on("backupRuns.list"),
  "SqlBackupRunsService/Delete": on("backupRuns.delete"),
  "SqlOperationsService/Get": on("instances.get"),
  "SqlOperationsService/List": on("instances.get"),
};
