import { SqlInstancesServiceClient } from "@google-cloud/sql";

import { startCloudSql } from "../../../emulators/cloud-sql/server.ts";
import type { CloudSqlOptions, RunningCloudSql } from "../../../emulators/cloud-sql/server.ts";
import type { ManualClock } from "../manual-clock.ts";
import type { CloudSqlSource } from "../../../shared/adapters/backup-service.ts";
import { restEndpointOptions } from "../../../shared/adapters/rest-endpoint.ts";

/** Longer than anything that the emulator does takes. */
export const SETTLED_MS = 10_000;

/** The instance that is backed up, which can be recovered to a moment, and another one, which cannot. */
export const ORDERS: CloudSqlSource = {
  kind: "cloud-sql",
  project: "web-prod-0a1b",
  instance: "orders",
};
export const COPY: CloudSqlSource = { ...ORDERS, project: "web-dev-0a1b", instance: "copy" };

/** Starts a Cloud SQL with those two instances. */
export async function openInstances(
  clock: ManualClock,
  options: CloudSqlOptions = {},
): Promise<RunningCloudSql> {
  const server = await startCloudSql({ ...options, clock });
  const client = new SqlInstancesServiceClient(await restEndpointOptions(server.url));
  for (const { project, instance: name } of [ORDERS, COPY]) {
    const backupConfiguration = {
      enabled: { value: true },
      pointInTimeRecoveryEnabled: { value: name === ORDERS.instance },
    };
    const settings = { tier: "db-custom-1-3840", backupConfiguration };
    const body = { name, databaseVersion: "POSTGRES_16", settings } as const;
    await client.insert({ project, body });
  }
  await clock.advance(SETTLED_MS);
  await client.close();
  return server;
}

/** Where the text that stands for an instance's data is read and written. */
export function sqlContentUrl(server: RunningCloudSql, source: CloudSqlSource): string {
  const { project, instance } = source;
  return `${server.url}/emulator/v1/projects/${project}/instances/${instance}/content`;
}
