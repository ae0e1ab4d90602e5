import { z } from "zod";
import { toTimestamp } from "../kit/clock.ts";
import { collection, type Collection } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import type { BackupPlans } from "./backup-plans.ts";
import { capture, type Contents } from "./namespaces.ts";
import {
  DESCRIBED,
  type GkeBackup,
  IDS,
  newWork,
  notNow,
  PAGES,
  type Scope,
  soFar,
  type Work,
} from "./state.ts";

const DAY_MS = 86_400_000;

type Draft = z.infer<z.ZodObject<typeof DESCRIBED>>;

type Own = Scope & {
  readonly manual: true;
  /** 0 for ever. */
  readonly retainDays: number;
  readonly retainExpireTime?: string;
  readonly containsVolumeData: boolean;
  readonly clusterMetadata: { readonly cluster: string };
  readonly hidden: Work["hidden"] & {
    /** What the namespaces held when it was asked for. */
    readonly contents: Contents;
    /** When it is gone; null for one that stays. */
    readonly goneMs: number | null;
    /** Whether somebody has deleted it. */
    readonly isDeleted: boolean;
  };
};

/** The backups of all plans. */
export type Backups = Collection<Draft, Own>;

/** What a caller may send along, and only the service writes. */
const OUTPUT_ONLY = "manual state stateReason completeTime allNamespaces selectedNamespaces";

/**
 * The backups, none at first: of each plan one after the other.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans.backups
 */
export function openBackups(gke: GkeBackup, plans: BackupPlans): Backups {
  const backups: Backups = collection<Draft, Own>({
    type: "Backup",
    pattern: "projects/*/locations/*/backupPlans/*/backups/*",
    ids: { ...IDS, make: (_parent, nowMs) => `backup-${nowMs}-${backups.records.size}` },
    permission: "gkebackup.backups",
    verbs: ["create", "list", "get", "delete"],
    fields: saidFields(DESCRIBED, {
      outputOnly: OUTPUT_ONLY.split(" "),
      notEmulated: ["deleteLockDays", "retainDays"],
    }),
    params: {
      list: { returnPartialSuccess: z.boolean().optional() },
      delete: { force: z.boolean().optional() },
    },
    pages: PAGES,
    parents: plans,
    begin: gke.begin,
    create: (_draft, { parent, nowMs }) => {
      const running = [...backups.records.values()].find(
        ({ name, hidden }) => name.startsWith(`${parent}/`) && nowMs < hidden.endMs,
      );
      if (running !== undefined) {
        throw notNow(`Backup '${running.name}' of the same plan is still under way.`);
      }
      return newBackup(gke, plans.find(parent), nowMs);
    },
    view: (backup) => {
      const isDeleted = backup.hidden.isDeleted;
      return { ...backup, ...soFar(backup, gke.now()), ...(isDeleted && { state: "DELETING" }) };
    },
    remove: (backup, { force }, nowMs) => {
      const { name, hidden, containsVolumeData } = backup;
      if (hidden.isDeleted || nowMs < hidden.endMs) {
        throw notNow(`Backup '${name}' cannot be deleted while it is under way or deleted.`);
      }
      if (containsVolumeData && force !== true) {
        throw notNow(`Backup '${name}' has volume backups; set force to delete them too.`);
      }
      const goneMs = nowMs + gke.durations.operationMs;
      return { ...backup, hidden: { ...hidden, goneMs, isDeleted: true } };
    },
  });
  return backups;
}

function newBackup(
  gke: GkeBackup,
  { name, cluster = "", backupConfig = {}, retentionPolicy = {} }: ReturnType<BackupPlans["find"]>,
  nowMs: number,
): Own {
  const { allNamespaces, selectedNamespaces, includeVolumeData = false } = backupConfig;
  const { backupRetainDays: retainDays = 0 } = retentionPolicy;
  const goneMs = retainDays === 0 ? null : nowMs + retainDays * DAY_MS;
  const about = {
    allNamespaces,
    selectedNamespaces,
    containsVolumeData: includeVolumeData,
    clusterMetadata: { cluster },
  };
  return {
    ...about,
    manual: true,
    retainDays,
    ...(goneMs !== null && { retainExpireTime: toTimestamp(goneMs) }),
    hidden: {
      ...newWork(gke, { plan: name, runMs: gke.durations.backupMs, nowMs }),
      contents: capture(gke, about),
      goneMs,
      isDeleted: false,
    },
  };
}
