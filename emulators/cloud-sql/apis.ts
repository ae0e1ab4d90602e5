import { methodsOn } from "../kit/operations-on.ts";
import type { Api, Unary } from "../kit/server.ts";
import {
  deleteBackupRun,
  getBackupRun,
  insertBackupRun,
  listBackupRuns,
} from "./operations-backup-runs.ts";
import {
  deleteInstance,
  getInstance,
  getLatestRecoveryTime,
  insertInstance,
  listInstances,
  patchInstance,
} from "./operations-instances.ts";
import { getOperation, listOperations } from "./operations-operations.ts";
import { restoreBackup } from "./operations-restores.ts";
import type { CloudSql } from "./state.ts";

const PROTOS = "@google-cloud/sql/build/protos/protos.json";

/** Both have the same messages under other paths: `/v1/…` and `/sql/v1beta4/…`. */
const VERSIONS = ["v1", "v1beta4"] as const;

/** Services of both versions whose every method answers UNIMPLEMENTED by name. */
const NOT_EMULATED = [
  "SqlBackupsService",
  "SqlConnectService",
  "SqlDatabasesService",
  "SqlFlagsService",
  "SqlSslCertsService",
  "SqlTiersService",
  "SqlUsersService",
] as const;

/** The services of the API in both versions, each method an operation on the state. */
export function createApis(run: CloudSql): readonly Api[] {
  const services = toServices(run);
  const all = [...Object.entries(services), ...NOT_EMULATED.map((name) => [name, {}] as const)];
  return VERSIONS.flatMap((version) =>
    all.map(([service, unary]) => ({
      protos: PROTOS,
      service: `google.cloud.sql.${version}.${service}`,
      unary,
    })),
  );
}

function toServices(run: CloudSql): Readonly<Record<string, Readonly<Record<string, Unary>>>> {
  return {
    SqlInstancesService: methodsOn(run, {
      Insert: insertInstance,
      Get: getInstance,
      List: listInstances,
      Patch: patchInstance,
      Delete: deleteInstance,
      RestoreBackup: restoreBackup,
      GetLatestRecoveryTime: getLatestRecoveryTime,
    }),
    SqlBackupRunsService: methodsOn(run, {
      Insert: insertBackupRun,
      Get: getBackupRun,
      List: listBackupRuns,
      Delete: deleteBackupRun,
    }),
    SqlOperationsService: methodsOn(run, {
      Get: getOperation,
      List: listOperations,
    }),
  };
}
