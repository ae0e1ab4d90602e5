import { type protos, v1 } from "@google-cloud/sql";
import * as grpc from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";

import {
  type CloudSqlOptions,
  type RunningCloudSql,
  startCloudSql,
} from "../../emulators/cloud-sql/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

export const PROJECT = "acme-prod";
export const ORDERS = { project: PROJECT, instance: "orders" };

export const CREATE_MS = 10_000;
export const BACKUP_MS = 60_000;
export const RESTORE_MS = 120_000;
export const CHANGE_MS = 5000;
export const DAY_MS = 86_400_000;

type IDatabaseInstance = protos.google.cloud.sql.v1.IDatabaseInstance;
type IBackupRun = protos.google.cloud.sql.v1.IBackupRun;
export type IOperation = protos.google.cloud.sql.v1.IOperation;
export type IBackupConfiguration = protos.google.cloud.sql.v1.IBackupConfiguration;

/** An emulator on a manual clock, and the real clients. */
export type Setting = {
  readonly clock: ManualClock;
  readonly server: RunningCloudSql;
  readonly instances: v1.SqlInstancesServiceClient;
  readonly runs: v1.SqlBackupRunsServiceClient;
  readonly operations: v1.SqlOperationsServiceClient;
  readonly close: () => Promise<void>;
};

/** How the clients talk to the emulator. */
export type Transport = "REST" | "gRPC";

/** What of the options a test sets. */
export type OpenOptions = Omit<CloudSqlOptions, "clock"> & {
  readonly clock?: ManualClock;
  readonly transport?: Transport;
};

/** Starts an emulator and opens the clients, over REST unless told otherwise. */
export async function openCloudSql(options: OpenOptions = {}): Promise<Setting> {
  const { transport = "REST", ...rest } = options;
  const clock = options.clock ?? manualClock();
  const server = await startCloudSql({
    createMs: CREATE_MS,
    backupMs: BACKUP_MS,
    restoreMs: RESTORE_MS,
    changeMs: CHANGE_MS,
    ...rest,
    clock,
  });
  const address = { apiEndpoint: "127.0.0.1", port: server.port, projectId: PROJECT };
  const connection =
    transport === "gRPC"
      ? { ...address, sslCreds: grpc.credentials.createInsecure() }
      : {
          ...address,
          fallback: true as const,
          protocol: "http",
          authClient: new PassThroughClient(),
        };
  const clients = {
    instances: new v1.SqlInstancesServiceClient(connection),
    runs: new v1.SqlBackupRunsServiceClient(connection),
    operations: new v1.SqlOperationsServiceClient(connection),
  };
  return {
    clock,
    server,
    ...clients,
    close: async () => {
      await Promise.all(Object.values(clients).map((client) => client.close()));
      await server.close();
    },
  };
}

/** Daily backups, kept for a week, with point-in-time recovery, as Cloud v2.0 asks for. */
export const WEEKLY: IBackupConfiguration = {
  enabled: { value: true },
  startTime: "03:00",
  pointInTimeRecoveryEnabled: { value: true },
  transactionLogRetentionDays: { value: 7 },
  backupRetentionSettings: { retentionUnit: "COUNT", retainedBackups: { value: 7 } },
};

/** Creates an instance, waits until it runs, and puts data into it. */
export async function createInstance(
  setting: Setting,
  name: string,
  more: {
    readonly version?: IDatabaseInstance["databaseVersion"];
    readonly settings?: IDatabaseInstance["settings"];
    readonly project?: string;
    readonly content?: string;
  } = {},
): Promise<void> {
  const { project = PROJECT, version = "POSTGRES_16" } = more;
  await setting.instances.insert({
    project,
    body: {
      name,
      databaseVersion: version,
      settings: { tier: "db-custom-1-3840", ...more.settings },
    },
  });
  await setting.clock.advance(CREATE_MS);
  await writeContent(setting, { name, project }, more.content ?? `${name}-v1`);
}

/** Where an instance's data is. */
type Place = { readonly name: string; readonly project?: string };

/** The text that stands for an instance's data. */
export async function readContent(setting: Setting, place: Place): Promise<string> {
  const response = await fetch(contentUrl(setting, place));
  return response.text();
}

/** Changes an instance's data and answers the HTTP status. */
export async function writeContent(setting: Setting, place: Place, text: string): Promise<number> {
  const response = await fetch(contentUrl(setting, place), { method: "PUT", body: text });
  await response.text();
  return response.status;
}

/** Takes an on-demand backup to its end and returns its run. */
export async function takeBackup(
  setting: Setting,
  description: string,
  instance = "orders",
): Promise<IBackupRun> {
  const [operation] = await setting.runs.insert({
    project: PROJECT,
    instance,
    body: { description },
  });
  await setting.clock.advance(BACKUP_MS);
  const id = operation.backupContext?.backupId ?? 0;
  const [run] = await setting.runs.get({ project: PROJECT, instance, id });
  return run;
}

/** An operation as it is now. */
export async function readOperation(setting: Setting, { name }: IOperation): Promise<IOperation> {
  const [operation] = await setting.operations.get({ project: PROJECT, operation: name ?? "" });
  return operation;
}

/** The runs of an instance, newest first. */
export async function listRuns(
  setting: Setting,
  instance = "orders",
): Promise<readonly IBackupRun[]> {
  const [response] = await setting.runs.list({ project: PROJECT, instance });
  return response.items ?? [];
}

/** A timestamp of a message in milliseconds since the epoch. */
export function toMs(time: IBackupRun["startTime"]): number {
  return Number(time?.seconds) * 1000 + (time?.nanos ?? 0) / 1_000_000;
}

function contentUrl(setting: Setting, { name, project = PROJECT }: Place): string {
  return `${setting.server.url}/emulator/v1/projects/${project}/instances/${name}/content`;
}
