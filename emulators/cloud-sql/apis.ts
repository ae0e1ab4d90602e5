import { type Hooks, operationsOn } from "../kit/operations-on.ts";
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
export function createApis(run: CloudSql, hooks: Hooks): readonly Api[] {
  const services = toServices(run, hooks);
  const all = [...Object.entries(services), ...NOT_EMULATED.map((name) => [name, {}] as const)];
  return VERSIONS.flatMap((version) =>
    all.map(([service, unary]) => ({
      protos: PROTOS,
      service: `google.cloud.sql.${version}.${service}`,
      unary,
    })),
  );
}

function toServices(
  run: CloudSql,
  hooks: Hooks,
): Readonly<Record<string, Readonly<Record<string, Unary>>>> {
  const { reads, writes } = operationsOn(run, hooks);
  return {
    SqlInstancesService: {
      Insert: writes(insertInstance),
      Get: reads(getInstance),
      List: reads(listInstances),
      Patch: writes(patchInstance),
      Delete: writes(deleteInstance),
      RestoreBackup: writes(restoreBackup),
      GetLatestRecoveryTime: reads(getLatestRecoveryTime),
    },
    SqlBackupRunsService: {
      Insert: writes(insertBackupRun),
      Get: reads(getBackupRun),
      List: reads(listBackupRuns),
      Delete: writes(deleteBackupRun),
    },
    SqlOperationsService: {
      Get: reads(getOperation),
      List: reads(listOperations),
    },
  };
}
