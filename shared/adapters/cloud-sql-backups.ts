import type { protos } from "@google-cloud/sql";

import { PermanentError, TransientError } from "../ports/errors.ts";
import type { BackupView } from "../ports/backups.ts";
import { describeMark } from "./backup-service.ts";
import type { CloudSqlBackups, CloudSqlSource } from "./backup-service.ts";
import { callCloudSql, openCloudSql } from "./cloud-sql-clients.ts";
import type { CloudSqlClients } from "./cloud-sql-clients.ts";
import { cloudSqlRestores } from "./cloud-sql-restores.ts";
import { idIn, instanceName, runName, toBackupView } from "./cloud-sql-views.ts";
import { toInstant } from "./timestamp.ts";
import { ONE_CALL } from "./grpc-endpoint.ts";
import { CREATION_LIMITS, nullWhenMissing } from "./outside-call.ts";

type Instance = protos.google.cloud.sql.v1.IDatabaseInstance;

/** Where Cloud SQL is: `http://HOST:PORT` without credentials, or null for Google's. */
export type CloudSqlOptions = { readonly endpoint: string | null };

/** What one call lists. */
const PAGE_SIZE = 100;
/** How many pages are read; of backups the newest come first. */
const PAGES_MAX = 10;

/**
 * Backups by Cloud SQL's client over REST. A backup has no key that makes its creation idempotent: the
 * mark stands in its description, and is looked for before one is taken and when an answer was lost.
 * That an instance has one operation at a time keeps two who look at once from taking two.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/backupRuns
 */
export function cloudSqlBackups({ endpoint }: CloudSqlOptions): CloudSqlBackups {
  const clients = openCloudSql(endpoint);
  return {
    ...instances(clients),
    ...taking(clients),
    ...reading(clients),
    ...cloudSqlRestores(clients),
  };
}

function instances(
  clients: CloudSqlClients,
): Pick<CloudSqlBackups, "databases" | "recoveryWindow"> {
  return {
    databases: async (project) => {
      const resource = `projects/${project}/instances`;
      const found: string[] = [];
      let pageToken = "";
      for (let page = 1; page <= PAGES_MAX; page += 1) {
        const request = { project, maxResults: PAGE_SIZE, pageToken };
        const [answer] = await callCloudSql(resource, async () =>
          (await clients()).instances.list(request, ONE_CALL),
        );
        found.push(...(answer.items ?? []).filter(isPrimary).map(({ name }) => name ?? ""));
        pageToken = answer.nextPageToken ?? "";
        if (pageToken === "") {
          return found.toSorted();
        }
      }
      const message = `${resource}: there are more than ${PAGE_SIZE * PAGES_MAX}`;
      throw new PermanentError("RESOURCE_EXHAUSTED", message);
    },
    recoveryWindow: async (project, instance) => {
      const resource = instanceName({ kind: "cloud-sql", project, instance });
      const [found] = await callCloudSql(resource, async () =>
        (await clients()).instances.get({ project, instance }, ONE_CALL),
      );
      const backups = found.settings?.backupConfiguration;
      const isOn =
        backups?.pointInTimeRecoveryEnabled?.value === true ||
        backups?.binaryLogEnabled?.value === true;
      if (!isOn) {
        return null;
      }
      const [window] = await callCloudSql(resource, async () =>
        (await clients()).instances.getLatestRecoveryTime({ project, instance }, ONE_CALL),
      );
      const earliest = toInstant(window.earliestRecoveryTime);
      const latest = toInstant(window.latestRecoveryTime);
      return earliest === null || latest === null ? null : { earliest, latest };
    },
  };
}

/** Replicas cannot be backed up, and a database elsewhere that is replicated from is not ours. */
function isPrimary({ instanceType, masterInstanceName }: Instance): boolean {
  const type = String(instanceType ?? "CLOUD_SQL_INSTANCE");
  const isHere = type === "CLOUD_SQL_INSTANCE" || type === "SQL_INSTANCE_TYPE_UNSPECIFIED";
  return isHere && (masterInstanceName ?? "") === "";
}

/** Tiers whose backups are not Cloud SQL's own. `ADVANCED` is what the second was called first. */
const MANAGED_TIERS: ReadonlySet<string> = new Set(["ENHANCED", "ADVANCED"]);

function taking(clients: CloudSqlClients): Pick<CloudSqlBackups, "take"> {
  return {
    take: async (source, mark) => {
      const there = await findMarked(clients, source, mark);
      if (there !== null) {
        return there;
      }
      const id = await insert(clients, source, mark);
      const taken = await findMarked(clients, source, mark);
      if (taken !== null) {
        return taken;
      }
      if (id === null) {
        const message = `${instanceName(source)}: the backup ${mark} does not show yet`;
        throw new TransientError("UNAVAILABLE", message);
      }
      const unknown = { startedAt: null, finishedAt: null, message: null };
      return { name: runName(source, id), source, state: "PENDING", mark, ...unknown };
    },
  };
}

/** Takes a backup and gives its id, null when the answer does not say it or was lost after it was taken. */
async function insert(
  clients: CloudSqlClients,
  source: CloudSqlSource,
  mark: string,
): Promise<string | null> {
  const { project, instance } = source;
  const request = { project, instance, body: { description: describeMark(mark) } };
  try {
    const [operation] = await callCloudSql(
      instanceName(source),
      async () => (await clients()).runs.insert(request, ONE_CALL),
      CREATION_LIMITS,
    );
    const id = String(operation.backupContext?.backupId ?? "0");
    return id === "0" ? null : id;
  } catch (error) {
    const isTaken =
      error instanceof TransientError && (await findMarked(clients, source, mark)) !== null;
    if (isTaken) {
      return null;
    }
    throw await explainRefusal(clients, source, error);
  }
}

/**
 * What to do where the refusal is for good because backups are kept by Backup and DR: its instances take none on
 * demand through Cloud SQL. The instance is asked rather than the message read.
 * Source: https://cloud.google.com/sql/docs/postgres/backup-recovery/backup-options
 */
async function explainRefusal(
  clients: CloudSqlClients,
  source: CloudSqlSource,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof PermanentError)) {
    return error;
  }
  const { project, instance } = source;
  const tier = await callCloudSql(instanceName(source), async () => {
    const [found] = await (await clients()).instances.get({ project, instance }, ONE_CALL);
    return String(found.settings?.backupConfiguration?.backupTier ?? "");
  }).catch(() => "");
  const advice = `${instanceName(source)}: Backup and DR keeps its backups (${tier}), so Cloud SQL takes none on demand: set the instance to standard backups, or leave it out with backup.cloudSQL: none`;
  return MANAGED_TIERS.has(tier) ? new PermanentError("FAILED_PRECONDITION", advice, error) : error;
}

function reading(clients: CloudSqlClients): Pick<CloudSqlBackups, "observe" | "list" | "remove"> {
  return {
    observe: async (source, name) => {
      const { project, instance } = source;
      const request = { project, instance, id: idIn(name) };
      const run = await nullWhenMissing(() =>
        callCloudSql(name, async () => (await clients()).runs.get(request, ONE_CALL)),
      );
      return run === null ? null : toBackupView(source, run[0]);
    },
    list: async (source, limit) => {
      const found: BackupView[] = [];
      for await (const page of listRuns(clients, source)) {
        found.push(...page);
        if (found.length >= limit) {
          break;
        }
      }
      return found.slice(0, limit);
    },
    remove: async (source, name) => {
      const { project, instance } = source;
      const request = { project, instance, id: idIn(name) };
      const found = await nullWhenMissing(() =>
        callCloudSql(name, async () => (await clients()).runs.get(request, ONE_CALL)),
      );
      // One that is being deleted already keeps the instance busy: deleting again would be refused.
      if (found !== null && toBackupView(source, found[0]) !== null) {
        await nullWhenMissing(() =>
          callCloudSql(name, async () => (await clients()).runs.delete(request, ONE_CALL)),
        );
      }
    },
  };
}

async function findMarked(
  clients: CloudSqlClients,
  source: CloudSqlSource,
  mark: string,
): Promise<BackupView | null> {
  for await (const page of listRuns(clients, source)) {
    const found = page.find((backup) => backup.mark === mark);
    if (found !== undefined) {
      return found;
    }
  }
  return null;
}

/** The backups of an instance page by page, newest first, as far back as pages are read. */
async function* listRuns(
  clients: CloudSqlClients,
  source: CloudSqlSource,
): AsyncIterable<readonly BackupView[]> {
  const { project, instance } = source;
  let pageToken = "";
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const request = { project, instance, maxResults: PAGE_SIZE, pageToken };
    const [answer] = await callCloudSql(instanceName(source), async () =>
      (await clients()).runs.list(request, ONE_CALL),
    );
    yield (answer.items ?? []).flatMap((run) => toBackupView(source, run) ?? []);
    pageToken = answer.nextPageToken ?? "";
    if (pageToken === "") {
      return;
    }
  }
}
