import type { protos } from "@google-cloud/sql";

import { TransientError } from "../ports/errors.ts";
import type { CloudSqlBackups, CloudSqlSource } from "./backup-service.ts";
import { callCloudSql } from "./cloud-sql-clients.ts";
import type { CloudSqlClients } from "./cloud-sql-clients.ts";
import { idIn, instanceName, toRestoreView } from "./cloud-sql-views.ts";
import { ONE_CALL } from "./grpc-endpoint.ts";
import { CREATION_LIMITS, nullWhenMissing } from "./outside-call.ts";

type Operation = protos.google.cloud.sql.v1.IOperation;

/** How many of an instance's newest operations are looked through for a restore. */
const OPERATIONS_MAX = 50;

/**
 * Restores by Cloud SQL. Neither the request nor the operation has a place for a mark. So a restore into
 * the instance that is under way counts as the one asked for, unless it names another backup; and when
 * an answer was lost, one that was not there before it was asked for. One that ended before it was asked for
 * again is made again: restoring the same backup twice brings the same data.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/restoreBackup
 */
export function cloudSqlRestores(
  clients: CloudSqlClients,
): Pick<CloudSqlBackups, "restore" | "observeRestore"> {
  return {
    restore: async (backup, into) => {
      const backupId = idIn(backup.name);
      const before = await listRestores(clients, into, backupId);
      const running = before.find(({ status }) => status !== "DONE");
      if (running !== undefined) {
        return toRestoreView(into, running);
      }
      const { project, instance } = into;
      const { instance: instanceId, project: from } = backup.source;
      const restoreBackupContext = { backupRunId: backupId, instanceId, project: from };
      const request = { project, instance, body: { restoreBackupContext } };
      try {
        const [operation] = await callCloudSql(
          instanceName(into),
          async () => (await clients()).instances.restoreBackup(request, ONE_CALL),
          CREATION_LIMITS,
        );
        return toRestoreView(into, operation);
      } catch (error) {
        const known = new Set(before.map(({ name }) => name));
        const begun =
          error instanceof TransientError
            ? (await listRestores(clients, into, backupId)).find(({ name }) => !known.has(name))
            : undefined;
        if (begun === undefined) {
          throw error;
        }
        return toRestoreView(into, begun);
      }
    },
    observeRestore: async (into, name) => {
      const request = { project: into.project, operation: idIn(name) };
      const found = await nullWhenMissing(() =>
        callCloudSql(name, async () => (await clients()).operations.get(request, ONE_CALL)),
      );
      return found === null ? null : toRestoreView(into, found[0]);
    },
  };
}

/** The newest restores into an instance that may be of that backup. */
async function listRestores(
  clients: CloudSqlClients,
  into: CloudSqlSource,
  backupId: string,
): Promise<readonly Operation[]> {
  const { project, instance } = into;
  const request = { project, instance, maxResults: OPERATIONS_MAX };
  const [{ items }] = await callCloudSql(instanceName(into), async () =>
    (await clients()).operations.list(request, ONE_CALL),
  );
  return (items ?? []).filter(
    (operation) => operation.operationType === "RESTORE_VOLUME" && isOf(operation, backupId),
  );
}

/** Whether an operation may be of that backup: it says so, or does not say. */
function isOf({ backupContext }: Operation, backupId: string): boolean {
  const id = String(backupContext?.backupId ?? "0");
  return id === "0" || id === backupId;
}
