import { z } from "zod";
import { collection, type Collection, type Resource } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { toTimestamp } from "../kit/clock.ts";
import { type BackupPlan, type BackupPlans, checkDays } from "./backup-plans.ts";
import { IDS, PAGES } from "./names.ts";
import { capture } from "./namespaces.ts";
import { notNow, REFUSALS } from "./refusal.ts";
import {
  type Contents,
  DESCRIBED,
  type GkeBackup,
  isEnded,
  type Moves,
  type Scope,
  takeFailure,
  type WorkState,
} from "./state.ts";

const DAY_MS = 86_400_000;

/**
 * What a caller may say about a backup.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans.backups
 */
const Said = z.strictObject({
  ...DESCRIBED,
  deleteLockDays: z.int().optional(),
  retainDays: z.int().optional(),
});

type Draft = z.infer<typeof Said>;

type Own = Scope & {
  readonly manual: true;
  readonly deleteLockDays: number;
  readonly deleteLockExpireTime: string;
  /** 0 for ever. */
  readonly retainDays: number;
  readonly retainExpireTime?: string;
  readonly containsVolumeData: boolean;
  readonly clusterMetadata: { readonly cluster: string };
  readonly state: WorkState;
  readonly stateReason?: string;
  readonly completeTime?: string;
  readonly volumeCount?: number;
  readonly hidden: {
    /** When it is IN_PROGRESS, then at its end, then gone; null when it stays. */
    readonly nextMs: number | null;
    readonly endMs: number;
    /** Why it is to fail; null when it is to succeed. */
    readonly failure: string | null;
    /** What the namespaces held when it became IN_PROGRESS. */
    readonly contents: Contents;
  };
};

/** A backup, with what its plan said when it was created. */
export type Backup = Resource<Draft, Own>;
/** The backups of all plans. */
export type Backups = Collection<Draft, Own> & Moves<Backup>;

/** What a caller may send along, and only the service writes. */
const OUTPUT_ONLY =
  "manual deleteLockExpireTime retainExpireTime encryptionKey allNamespaces " +
  "selectedNamespaces selectedApplications containsVolumeData containsSecrets " +
  "clusterMetadata state stateReason completeTime resourceCount volumeCount " +
  "podCount sizeBytes configBackupSizeBytes permissiveMode satisfiesPzi " +
  "satisfiesPzs troubleshootingInfo";

const FIELDS = saidFields(Said.shape, {
  outputOnly: OUTPUT_ONLY.split(" "),
});

/** The backups, none at first: of plans that are READY, and of each plan one after the other. */
export function openBackups(gke: GkeBackup, plans: BackupPlans): Backups {
  const backups: Collection<Draft, Own> = collection<Draft, Own>({
    type: "Backup",
    pattern: "projects/*/locations/*/backupPlans/*/backups/*",
    ids: { ...IDS, make: (_parent, nowMs) => `backup-${nowMs}-${backups.records.size}` },
    permission: "gkebackup.backups",
    verbs: ["create", "list", "get", "delete"],
    fields: FIELDS,
    params: {
      list: { returnPartialSuccess: z.boolean().optional() },
      delete: { force: z.boolean().optional() },
    },
    pages: PAGES,
    refusals: REFUSALS,
    parents: plans,
    begin: gke.begin,
    create: (draft, { parent, nowMs }) => {
      const plan = plans.find(parent);
      const days = daysOf(plan, draft);
      refuseBusy(plan, backups);
      return newBackup(gke, plan, { days, nowMs });
    },
    remove: (backup, { force }, nowMs) => {
      const { name, state, hidden } = backup;
      if (!isEnded(state)) {
        throw notNow(`Backup '${name}' cannot be deleted while it is ${state}.`);
      }
      if (nowMs < Date.parse(backup.deleteLockExpireTime)) {
        throw notNow(`Backup '${name}' is locked against deletion.`);
      }
      if ((backup.volumeCount ?? 0) > 0 && force !== true) {
        throw notNow(`Backup '${name}' has volume backups; set force to delete them too.`);
      }
      const nextMs = nowMs + gke.durations.operationMs;
      return { ...backup, state: "DELETING", hidden: { ...hidden, nextMs } };
    },
  });
  return { ...backups, move: (backup, atMs) => move(gke, { backups, backup }, atMs) };
}

/** A backup goes on: it begins, it ends, its retention is over. */
function move(
  gke: GkeBackup,
  { backups, backup }: { readonly backups: Collection<Draft, Own>; readonly backup: Backup },
  atMs: number,
): void {
  const { state, hidden } = backup;
  if (state === "CREATING") {
    const contents = capture(gke, backup);
    backups.change(backup, {
      state: "IN_PROGRESS",
      hidden: { ...hidden, contents, nextMs: hidden.endMs },
    });
    return;
  }
  if (state !== "IN_PROGRESS") {
    backups.records.delete(backup.name);
    return;
  }
  const { failure, contents } = hidden;
  const volumeCount = Object.values(contents).filter((text) => text !== null).length;
  const { retainExpireTime, deleteLockExpireTime } = backup;
  // A delete lock also keeps a backup from being deleted by itself.
  const nextMs =
    retainExpireTime === undefined
      ? null
      : Math.max(Date.parse(retainExpireTime), Date.parse(deleteLockExpireTime));
  const end = { completeTime: toTimestamp(atMs), volumeCount, hidden: { ...hidden, nextMs } };
  const how =
    failure === null
      ? ({ state: "SUCCEEDED" } as const)
      : ({ state: "FAILED", stateReason: failure } as const);
  backups.change(backup, { ...end, ...how }, atMs);
}

type Days = { readonly deleteLockDays: number; readonly retainDays: number };

/** How long a new backup is locked and kept: as its plan says, or as is said for it. */
function daysOf({ retentionPolicy = {} }: BackupPlan, draft: Draft): Days {
  const { backupDeleteLockDays = 0, backupRetainDays = 0 } = retentionPolicy;
  const { deleteLockDays = backupDeleteLockDays, retainDays = backupRetainDays } = draft;
  if (deleteLockDays < backupDeleteLockDays) {
    const rule = "no less than the backup plan's backup_delete_lock_days";
    throw REFUSALS.invalid("delete_lock_days", rule);
  }
  checkDays({ lock: deleteLockDays, retain: retainDays }, "");
  return { deleteLockDays, retainDays };
}

function refuseBusy(plan: BackupPlan, { records }: Pick<Backups, "records">): void {
  if (plan.state !== "READY") {
    throw notNow(`BackupPlan '${plan.name}' takes no backups, because it is ${plan.state}.`);
  }
  const running = [...records.values()].find(
    ({ name, state }) =>
      name.startsWith(`${plan.name}/`) && (state === "CREATING" || state === "IN_PROGRESS"),
  );
  if (running !== undefined) {
    throw notNow(`Backup '${running.name}' of the same plan is still ${running.state}.`);
  }
}

function newBackup(
  gke: GkeBackup,
  { name, cluster = "", backupConfig = {} }: BackupPlan,
  { days, nowMs }: { readonly days: Days; readonly nowMs: number },
): Own {
  const { allNamespaces, selectedNamespaces, includeVolumeData = false } = backupConfig;
  const { operationMs, backupMs } = gke.durations;
  const { deleteLockDays, retainDays } = days;
  return {
    ...days,
    manual: true,
    deleteLockExpireTime: toTimestamp(nowMs + deleteLockDays * DAY_MS),
    ...(retainDays > 0 && { retainExpireTime: toTimestamp(nowMs + retainDays * DAY_MS) }),
    allNamespaces,
    selectedNamespaces,
    containsVolumeData: includeVolumeData,
    clusterMetadata: { cluster },
    state: "CREATING",
    hidden: {
      nextMs: nowMs + operationMs,
      endMs: nowMs + Math.max(operationMs, backupMs),
      failure: takeFailure(gke, name),
      contents: {},
    },
  };
}
