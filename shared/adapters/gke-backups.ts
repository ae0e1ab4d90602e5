import type { BackupState } from "../domain/backup.ts";
import { TransientError } from "../ports/errors.ts";
import type { BackupView, RestoreView } from "../ports/backups.ts";
import { GkeBackup, GkeBackupPage, GkeRestore, GkeRestorePage } from "../wire/gke-backup.ts";
import { describeMark, markIn, momentIn } from "./backup-service.ts";
import type { BackupService, GkeSource } from "./backup-service.ts";
import { resourceIdOf } from "./gke-resource-id.ts";
import { findRestorePlan } from "./gke-restore-plan.ts";
import { statusOf } from "./google-errors.ts";
import { callOutside, CREATION_LIMITS, nullWhenMissing } from "./outside-call.ts";
import { listPages } from "./rest-pages.ts";
import { restClient } from "./rest-client.ts";
import type { RestClient } from "./rest-client.ts";

/** Where Backup for GKE is: `http://HOST:PORT` without credentials, or null for Google's. */
export type GkeBackupOptions = { readonly endpoint: string | null };

/** The states of backups and restores alike; what is being made has none yet. */
const STATES: ReadonlyMap<string, BackupState> = new Map([
  ["STATE_UNSPECIFIED", "PENDING"],
  ["CREATING", "PENDING"],
  ["VALIDATING", "RUNNING"],
  ["IN_PROGRESS", "RUNNING"],
  ["SUCCEEDED", "SUCCEEDED"],
  ["FAILED", "FAILED"],
]);

/** A backup that is being deleted cannot be restored any more. */
const GONE = "DELETING";

/**
 * Backups by Backup for GKE, over REST: no package has a client of it. A mark becomes the id of the
 * backup or restore, so a second creation meets the first; their states are read from the resources,
 * never from the operations that made them.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest
 */
export function gkeBackups({ endpoint }: GkeBackupOptions): BackupService<GkeSource> {
  const call = restClient({
    endpoint,
    service: "https://gkebackup.googleapis.com",
    scope: "https://www.googleapis.com/auth/cloud-platform",
  });
  return { ...backups(call), ...restores(call) };
}

function backups(
  call: RestClient,
): Pick<BackupService<GkeSource>, "take" | "observe" | "list" | "remove"> {
  return {
    take: async (source, mark) => {
      const id = resourceIdOf(mark);
      const name = `${source.plan}/backups/${id}`;
      const there = await getOrNull(call, name);
      if (there !== null) {
        return toBackupView(source, GkeBackup.parse(there));
      }
      const body = { description: describeMark(mark), labels: { slipway: id } };
      await createOnce(
        call,
        { parent: `${source.plan}/backups`, query: { backupId: id }, body },
        async () => (await listBackups(call, source)).some(isUnderWay),
      );
      const made = (await getOrNull(call, name)) ?? { name, description: body.description };
      return toBackupView(source, GkeBackup.parse(made));
    },
    observe: async (source, name) => {
      const found = await getOrNull(call, name);
      const backup = found === null ? null : GkeBackup.parse(found);
      return backup === null || backup.state === GONE ? null : toBackupView(source, backup);
    },
    list: async (source, limit) => {
      const found = await listBackups(call, source);
      return found
        .filter(({ state }) => state !== GONE)
        .map((backup) => toBackupView(source, backup))
        .toSorted((one, other) => (other.startedAt ?? 0) - (one.startedAt ?? 0))
        .slice(0, limit);
    },
    remove: async (_source, name) => {
      try {
        await callOutside(name, () =>
          call({ method: "DELETE", path: `/v1/${name}`, query: { force: "true" } }),
        );
      } catch (error) {
        // One that is being deleted refuses to be deleted again.
        const isGone = statusOf(error) === "NOT_FOUND" || (await isBeingDeleted(call, name));
        if (!isGone) {
          throw error;
        }
      }
    },
  };
}

function restores(call: RestClient): Pick<BackupService<GkeSource>, "restore" | "observeRestore"> {
  return {
    restore: async (backup, into, { mark }) => {
      const plan = await findRestorePlan(call, backup.source.plan, into.plan);
      const id = resourceIdOf(mark);
      const name = `${plan}/restores/${id}`;
      const there = await getOrNull(call, name);
      if (there !== null) {
        return toRestoreView(GkeRestore.parse(there));
      }
      const parent = `${plan}/restores`;
      const body = {
        backup: backup.name,
        description: describeMark(mark),
        labels: { slipway: id },
      };
      await createOnce(call, { parent, query: { restoreId: id }, body }, async () => {
        const everywhere = plan.replace(/[^/]+$/, "-");
        const running = await listPages(`${everywhere}/restores`, async (pageToken) => {
          const query = { pageSize: "500", pageToken };
          const page = GkeRestorePage.parse(
            await call({ path: `/v1/${everywhere}/restores`, query }),
          );
          return { items: page.restores, nextPageToken: page.nextPageToken };
        });
        return running.some(isUnderWay);
      });
      return toRestoreView(GkeRestore.parse((await getOrNull(call, name)) ?? { name }));
    },
    observeRestore: async (_into, name) => {
      const found = await getOrNull(call, name);
      return found === null ? null : toRestoreView(GkeRestore.parse(found));
    },
  };
}

type Creation = {
  readonly parent: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/**
 * Creates; what is there already is success, since its id is the mark's. The service refuses a creation
 * while another one runs, with the same status as for what can never be: only a look at the others tells.
 */
async function createOnce(
  call: RestClient,
  { parent, query, body }: Creation,
  isBusy: () => Promise<boolean>,
): Promise<void> {
  try {
    const path = `/v1/${parent}`;
    await callOutside(parent, () => call({ method: "POST", path, query, body }), CREATION_LIMITS);
  } catch (error) {
    const status = statusOf(error);
    if (status === "ALREADY_EXISTS") {
      return;
    }
    if (status === "FAILED_PRECONDITION" && (await isBusy())) {
      throw new TransientError("ABORTED", `${parent}: another one is under way`, error);
    }
    throw error;
  }
}

async function listBackups(call: RestClient, { plan }: GkeSource): Promise<readonly GkeBackup[]> {
  return listPages(`${plan}/backups`, async (pageToken) => {
    const query = { pageSize: "500", pageToken };
    const page = GkeBackupPage.parse(await call({ path: `/v1/${plan}/backups`, query }));
    return { items: page.backups, nextPageToken: page.nextPageToken };
  });
}

async function getOrNull(call: RestClient, name: string): Promise<unknown> {
  return nullWhenMissing(() => callOutside(name, () => call({ path: `/v1/${name}` })));
}

async function isBeingDeleted(call: RestClient, name: string): Promise<boolean> {
  const found = await getOrNull(call, name);
  return found === null || GkeBackup.parse(found).state === GONE;
}

function isUnderWay({ state }: { readonly state: string }): boolean {
  return ["PENDING", "RUNNING"].includes(STATES.get(state) ?? "");
}

function toBackupView(source: GkeSource, backup: GkeBackup): BackupView {
  const state = STATES.get(backup.state) ?? "UNRECOGNIZED";
  return {
    name: backup.name,
    source,
    state,
    mark: markIn(backup.description),
    startedAt: momentIn(backup.createTime),
    finishedAt: state === "SUCCEEDED" || state === "FAILED" ? momentIn(backup.completeTime) : null,
    message: state === "FAILED" ? reasonOf(backup) : null,
  };
}

function toRestoreView(restore: GkeRestore): RestoreView {
  const state = STATES.get(restore.state) ?? "UNRECOGNIZED";
  return { name: restore.name, state, message: state === "FAILED" ? reasonOf(restore) : null };
}

function reasonOf({
  name,
  stateReason,
}: {
  readonly name: string;
  readonly stateReason: string;
}): string {
  return stateReason === "" ? `${name} failed and gives no reason` : stateReason;
}
