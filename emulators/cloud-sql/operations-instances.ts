import { toTimestamp } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { begin, requireIdle } from "./begin.ts";
import { recoveryWindow } from "./content.ts";
import { engineOf } from "./engine.ts";
import { findInstance, replicasOf } from "./find.ts";
import type { InstanceJson, InstanceRequest } from "./json.ts";
import { listFilter } from "./list-filter.ts";
import { newInstance } from "./new-instance.ts";
import { completeSettings, mergeSettings } from "./settings.ts";
import { invalid, invalidOperation, sqlError } from "./sql-error.ts";
import type { CloudSql, InstanceRecord, InstanceResource } from "./state.ts";
import { instanceView, operationView } from "./views.ts";

const PAGE_LIMITS = { defaultSize: 500, maxSize: 1000 };
const REGION_DEFAULT = "us-central1";
const VERSION_DEFAULT = "MYSQL_8_0";

/** SqlInstancesService.Insert */
export function insertInstance(
  run: CloudSql,
  request: { readonly project?: string; readonly body?: InstanceJson },
  now: number,
): object {
  const { project = "", body = {} } = request;
  const resource = toResource(run, project, body);
  const place = { project, name: body.name ?? "" };
  const isReplica = resource.masterInstanceName !== undefined;
  newInstance(run.state, place, { resource, nowMs: now });
  const operation = begin(
    run,
    {
      target: place,
      type: isReplica ? "CREATE_REPLICA" : "CREATE",
      work: { kind: "create-instance" },
      durationMs: run.durations.createMs,
    },
    now,
  );
  return operationView(run.state, operation);
}

/** SqlInstancesService.Get */
export function getInstance(run: CloudSql, request: InstanceRequest): object {
  return instanceView(run.state, findInstance(run.state, request));
}

/** SqlInstancesService.List */
export function listInstances(
  run: CloudSql,
  request: {
    readonly project?: string;
    readonly filter?: string;
    readonly maxResults?: number;
    readonly pageToken?: string;
  },
): object {
  const isMeant = listFilter(request.filter);
  const found = [...run.state.instances.values()]
    .filter(({ project }) => project === request.project)
    .map((instance) => instanceView(run.state, instance))
    .filter(isMeant);
  const page = paginate(found, toPageRequest(request), PAGE_LIMITS);
  return { kind: "sql#instancesList", items: page.items, nextPageToken: page.nextPageToken };
}

/** SqlInstancesService.Patch: what the body has is put over the settings. */
export function patchInstance(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: InstanceJson },
  now: number,
): object {
  const { state, durations } = run;
  const instance = findInstance(state, request);
  const { body = {} } = request;
  const { resource } = instance;
  refuseImmutable(instance, body);
  const version = resource.settings.settingsVersion ?? "1";
  if ((body.settings?.settingsVersion ?? version) !== version) {
    throw sqlError("staleData", "Condition does not match.");
  }
  const settings = completeSettings(
    {
      ...mergeSettings(resource.settings, body.settings ?? {}),
      settingsVersion: String(Number(version) + 1),
    },
    resource.databaseVersion,
  );
  if (Number(settings.dataDiskSizeGb) < Number(resource.settings.dataDiskSizeGb)) {
    throw invalid("the size of the data disk cannot be decreased.");
  }
  const work = { kind: "update-instance", resource: { ...resource, settings } } as const;
  const durationMs = durations.changeMs;
  const operation = begin(run, { target: instance, type: "UPDATE", work, durationMs }, now);
  return operationView(state, operation);
}

/** SqlInstancesService.Delete */
export function deleteInstance(
  run: CloudSql,
  request: InstanceRequest & { readonly enableFinalBackup?: boolean },
  now: number,
): object {
  const { state, durations } = run;
  if (request.enableFinalBackup === true) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement final backups.");
  }
  const instance = findInstance(state, request);
  if (instance.resource.settings.deletionProtectionEnabled === true) {
    throw sqlError(
      "deletionProtectionEnabled",
      "The instance is protected. Please disable the deletion protection and try again.",
    );
  }
  if (replicasOf(state, instance).length > 0) {
    throw invalidOperation();
  }
  requireIdle(state, instance);
  const work = { kind: "delete-instance" } as const;
  const durationMs = durations.changeMs;
  const operation = begin(run, { target: instance, type: "DELETE", work, durationMs }, now);
  state.instances.set(`${instance.project}/${instance.name}`, {
    ...instance,
    state: "PENDING_DELETE",
  });
  return operationView(state, operation);
}

/** SqlInstancesService.GetLatestRecoveryTime */
export function getLatestRecoveryTime(
  run: CloudSql,
  request: InstanceRequest,
  now: number,
): object {
  const window = recoveryWindow(run, findInstance(run.state, request), now);
  if (window === null) {
    throw invalid("point in time recovery is not enabled for this instance.");
  }
  return {
    kind: "sql#getLatestRecoveryTime",
    earliestRecoveryTime: toTimestamp(window.earliestMs),
    latestRecoveryTime: toTimestamp(window.latestMs),
  };
}

/** This API's older lists say `maxResults` where others say `pageSize`. */
export function toPageRequest(request: {
  readonly maxResults?: number;
  readonly pageToken?: string;
}): PageRequest {
  return { pageSize: request.maxResults, pageToken: request.pageToken };
}

function toResource(run: CloudSql, project: string, body: InstanceJson): InstanceResource {
  const { masterInstanceName = "", region = REGION_DEFAULT, gceZone } = body;
  const place = gceZone === undefined ? { region } : { region, gceZone };
  if (masterInstanceName === "") {
    const databaseVersion = body.databaseVersion ?? VERSION_DEFAULT;
    engineOf(databaseVersion);
    return {
      ...place,
      databaseVersion,
      settings: completeSettings(body.settings ?? {}, databaseVersion),
    };
  }
  const master = masterInstanceName.slice(masterInstanceName.lastIndexOf(":") + 1);
  const primary = findInstance(run.state, { project, instance: master });
  requireIdle(run.state, primary);
  const { databaseVersion, settings } = primary.resource;
  const { backupConfiguration: _own, ...inherited } = settings;
  const own = completeSettings(mergeSettings(inherited, body.settings ?? {}), databaseVersion);
  return { ...place, databaseVersion, settings: own, masterInstanceName: master };
}

/** Source: the comment of `databaseVersion` in google/cloud/sql/v1/cloud_sql_instances.proto. */
function refuseImmutable({ name, resource }: InstanceRecord, body: InstanceJson): void {
  const current = { name, region: resource.region, databaseVersion: resource.databaseVersion };
  for (const field of ["name", "region", "databaseVersion"] as const) {
    const wanted = body[field] ?? current[field];
    if (wanted !== current[field]) {
      throw invalid(`${field} cannot be changed from ${current[field]} to ${wanted}.`);
    }
  }
}
