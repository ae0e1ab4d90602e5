import { toTimestamp } from "../kit/clock.ts";
import { octetFor } from "./identity.ts";
import { engineOf } from "./engine.ts";
import { replicasOf } from "./find.ts";
import type { BackupRecord, InstanceRecord, OperationRecord, State } from "./state.ts";

const BASE = "https://sqladmin.googleapis.com/v1/projects";

/** google.cloud.sql.v1.DatabaseInstance */
export function instanceView(state: State, instance: InstanceRecord): object {
  const { project, name, resource, createMs } = instance;
  const { region, settings, masterInstanceName } = resource;
  const isReplica = masterInstanceName !== undefined;
  return {
    ...resource,
    kind: "sql#instance",
    name,
    project,
    state: instance.state,
    etag: `v${settings.settingsVersion ?? "1"}`,
    gceZone: resource.gceZone ?? `${region}-a`,
    masterInstanceName: isReplica ? `${project}:${masterInstanceName}` : undefined,
    replicaNames: replicasOf(state, instance).map((replica) => replica.name),
    instanceType: isReplica ? "READ_REPLICA_INSTANCE" : "CLOUD_SQL_INSTANCE",
    backendType: "SECOND_GEN",
    ipAddresses: addressesOf(instance),
    serviceAccountEmailAddress: `p-${octetFor(project)}@gcp-sa-cloud-sql.iam.gserviceaccount.com`,
    connectionName: `${project}:${region}:${name}`,
    selfLink: `${BASE}/${project}/instances/${name}`,
    createTime: toTimestamp(createMs),
  };
}

/** google.cloud.sql.v1.BackupRun */
export function runView(backup: BackupRecord): object {
  const { project, instance, runId, type, failure } = backup;
  return {
    kind: "sql#backupRun",
    id: String(runId),
    instance,
    type,
    status: backup.status,
    description: backup.description,
    location: backup.location,
    enqueuedTime: toTimestamp(backup.enqueuedMs),
    startTime: timestampOf(backup.startMs),
    endTime: timestampOf(backup.endMs),
    windowStartTime: toTimestamp(backup.windowStartMs ?? backup.enqueuedMs),
    error: failure === null ? undefined : errorView(failure),
    databaseVersion: backup.resource.databaseVersion,
    backupKind: "SNAPSHOT",
    selfLink: `${BASE}/${project}/instances/${instance}/backupRuns/${runId}`,
  };
}

/** google.cloud.sql.v1.Operation */
export function operationView(state: State, operation: OperationRecord): object {
  const { name, project, instance, type, phase, failure } = operation;
  const hasFailed = phase === "DONE" && failure !== null;
  return {
    kind: "sql#operation",
    name,
    status: phase,
    operationType: type,
    targetId: instance,
    targetProject: project,
    targetLink: `${BASE}/${project}/instances/${instance}`,
    selfLink: `${BASE}/${project}/operations/${name}`,
    insertTime: toTimestamp(operation.insertMs),
    startTime: phase === "PENDING" ? undefined : toTimestamp(operation.startMs),
    endTime: phase === "DONE" ? toTimestamp(operation.endMs) : undefined,
    error: hasFailed ? { kind: "sql#operationErrors", errors: [errorView(failure)] } : undefined,
    backupContext: backupContext(state, operation),
  };
}

function backupContext(state: State, { work }: OperationRecord): object | undefined {
  const backup = "uid" in work ? state.backups.get(work.uid) : undefined;
  return backup && { kind: "sql#backupContext", backupId: String(backup.runId) };
}

function errorView(message: string): object {
  return { kind: "sql#operationError", code: "INTERNAL_ERROR", message };
}

function timestampOf(ms: number | null): string | undefined {
  return ms === null ? undefined : toTimestamp(ms);
}

/** Addresses that nothing listens on: those for documentation, and private ones. */
function addressesOf({ project, name, resource }: InstanceRecord): readonly object[] {
  const { ipv4Enabled = true, privateNetwork = "" } = resource.settings.ipConfiguration ?? {};
  const octet = octetFor(`${project}/${name}`);
  const isPostgres = engineOf(resource.databaseVersion) === "POSTGRES";
  return [
    ...(ipv4Enabled ? [{ type: "PRIMARY", ipAddress: `203.0.113.${octet}` }] : []),
    ...(ipv4Enabled && isPostgres ? [{ type: "OUTGOING", ipAddress: `198.51.100.${octet}` }] : []),
    ...(privateNetwork === "" ? [] : [{ type: "PRIVATE", ipAddress: `10.20.0.${octet}` }]),
  ];
}
