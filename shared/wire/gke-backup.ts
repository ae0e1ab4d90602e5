import { z } from "zod";
import { boundedText, shortText } from "./text.ts";

/** How much of a reason or a description is read; our mark is shorter. */
const REASON_LENGTH_MAX = 1000;

/**
 * What is read of a backup plan of Backup for GKE.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
 */
export const GkeBackupPlan = z.object({ name: boundedText(), cluster: boundedText() });

/**
 * What is read of a backup.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans.backups
 */
export const GkeBackup = z.object({
  name: boundedText().min(1),
  state: boundedText().default("STATE_UNSPECIFIED"),
  stateReason: shortText(REASON_LENGTH_MAX).default(""),
  description: shortText(REASON_LENGTH_MAX).default(""),
  createTime: boundedText().optional(),
  completeTime: boundedText().optional(),
});

/** A backup of Backup for GKE, as far as it is read. */
export type GkeBackup = z.infer<typeof GkeBackup>;

/** One page of a plan's backups. */
export const GkeBackupPage = z.object({
  backups: z.array(GkeBackup).default([]),
  nextPageToken: z.string().default(""),
});

/**
 * What is read of a restore plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
export const GkeRestorePlan = z.object({
  name: boundedText(),
  backupPlan: boundedText(),
  cluster: boundedText(),
});

/** A restore plan, as far as it is read. */
export type GkeRestorePlan = z.infer<typeof GkeRestorePlan>;

/** One page of restore plans. */
export const GkeRestorePlanPage = z.object({
  restorePlans: z.array(GkeRestorePlan).default([]),
  nextPageToken: z.string().default(""),
});

/**
 * What is read of a restore.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans.restores
 */
export const GkeRestore = z.object({
  name: boundedText().min(1),
  state: boundedText().default("STATE_UNSPECIFIED"),
  stateReason: shortText(REASON_LENGTH_MAX).default(""),
});

/** A restore, as far as it is read. */
export type GkeRestore = z.infer<typeof GkeRestore>;

/** One page of a restore plan's restores. */
export const GkeRestorePage = z.object({
  restores: z.array(GkeRestore).default([]),
  nextPageToken: z.string().default(""),
});
