import { z } from "zod";
import { BackupJson, BackupPlanJson, RestoreJson, RestorePlanJson } from "./schema.ts";

const parent = z.string();
const Page = {
  parent,
  filter: z.string().optional(),
  orderBy: z.string().optional(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
};

/** A request that only names something. */
export const ByName = z.strictObject({ name: z.string() });
/** A request that only names something. */
export type ByName = z.infer<typeof ByName>;

/** A list call. */
export const List = z.strictObject(Page);
/** A list call. */
export type List = z.infer<typeof List>;

/** ListBackups */
export const ListBackups = z.strictObject({
  ...Page,
  returnPartialSuccess: z.boolean().optional(),
});
/** ListBackups */
export type ListBackups = z.infer<typeof ListBackups>;

/** CreateBackupPlan */
export const CreateBackupPlan = z.strictObject({
  parent,
  backupPlanId: z.string().default(""),
  backupPlan: BackupPlanJson,
});
/** CreateBackupPlan */
export type CreateBackupPlan = z.infer<typeof CreateBackupPlan>;

/** CreateBackup */
export const CreateBackup = z.strictObject({
  parent,
  backupId: z.string().default(""),
  backup: BackupJson,
});
/** CreateBackup */
export type CreateBackup = z.infer<typeof CreateBackup>;

/** DeleteBackup */
export const DeleteBackup = z.strictObject({
  name: z.string(),
  etag: z.string().default(""),
  force: z.boolean().default(false),
});
/** DeleteBackup */
export type DeleteBackup = z.infer<typeof DeleteBackup>;

/** CreateRestorePlan */
export const CreateRestorePlan = z.strictObject({
  parent,
  restorePlanId: z.string().default(""),
  restorePlan: RestorePlanJson,
});
/** CreateRestorePlan */
export type CreateRestorePlan = z.infer<typeof CreateRestorePlan>;

/** CreateRestore */
export const CreateRestore = z.strictObject({
  parent,
  restoreId: z.string().default(""),
  restore: RestoreJson,
});
/** CreateRestore */
export type CreateRestore = z.infer<typeof CreateRestore>;
