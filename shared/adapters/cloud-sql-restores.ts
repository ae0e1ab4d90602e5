import type { protos } from "@google-cloud/sql";

import { after, minutes } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import { TransientError } from "../ports/errors.ts";
import type { CloudSqlBackups, CloudSqlSource } from "./backup-service.ts";
import { callCloudSql } from "./cloud-sql-clients.ts";
import type { CloudSqlClients } from "./cloud-sql-clients.ts";
import { idIn, instanceName, toRestoreView } from "./cloud-sql-views.ts";
import { toInstant } from "./timestamp.ts";
import { ONE_CALL } from "./grpc-endpoint.ts";
import { CREATION_LIMITS, nullWhenMissing } from "./outside-call.ts";

type Operation = protos.google.cloud.sql.v1.IOperation;

/** How many of an instance's newest operations are looked through for a restore. */
const OPERATIONS_MAX = 50;

/** How far Cloud SQL's clock and ours may be apart. */
const CLOCK_SKEW_MAX: Duration = minutes(1);

/**
 * Restores by Cloud SQL. Neither the request nor the operation has a place for a mark. So a restore into
 * the instance counts as the one asked for, unless it names another backup, while it is under way, and when it
 * was begun since it was ordered: a second one would take away what was written after the first.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/restoreBackup
 */
export function cloudSqlRestores(
  clients: CloudSqlClients,
): Pick<CloudSqlBackups, "restore" | "observeRestore"> {
  return {
    restore: async (backup, into, { since }) => {
      const backupId = idIn(backup.name);
      const before = await listRestores(clients, into, backupId);
      const there = before.find(
        (operation) => operation.status !== "DONE" || isSince(operation, since),
      );
      if (there !== undefined) {
        return toRestoreView(into, there);
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

/** Whether an operation was asked for since a moment. */
function isSince({ insertTime }: Operation, since: Instant): boolean {
  const asked = toInstant(insertTime);
  return asked !== null && after(asked, CLOCK_SKEW_MAX) >= since;
}

/** Whether an operation may be of that backup: it says so, or does not say. */
function isOf({ backupContext }: Operation, backupId: string): boolean {
  const id = String(backupContext?.backupId ?? "0");
  return id === "0" || id === backupId;
}
