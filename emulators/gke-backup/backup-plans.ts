import { z } from "zod";
import { collection, type Collection } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import {
  Cluster,
  DESCRIBED,
  type GkeBackup,
  IDS,
  isOneScope,
  NotHere,
  PAGES,
  SCOPE,
} from "./state.ts";

const RETAIN_DAYS_MAX = 365;

/**
 * What a caller may say about a backup plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
 */
const Said = z.strictObject({
  ...DESCRIBED,
  cluster: Cluster.optional(),
  retentionPolicy: z
    .strictObject({
      backupRetainDays: z.int().min(0).max(RETAIN_DAYS_MAX).optional(),
      backupDeleteLockDays: NotHere,
      locked: NotHere,
    })
    .optional(),
  backupConfig: z
    .strictObject({
      ...SCOPE,
      includeVolumeData: z.boolean().optional(),
      includeSecrets: z.boolean().optional(),
      selectedApplications: NotHere,
      encryptionKey: NotHere,
      permissiveMode: NotHere,
    })
    .refine(isOneScope, "the scope is all namespaces or selected ones")
    .optional(),
});

type Draft = z.infer<typeof Said>;
type Own = { readonly state: "READY" };

/** The backup plans. */
export type BackupPlans = Collection<Draft, Own>;

/** The backup plans, none at first. */
export function openBackupPlans({ begin }: GkeBackup): BackupPlans {
  return collection<Draft, Own>({
    type: "BackupPlan",
    pattern: "projects/*/locations/*/backupPlans/*",
    ids: IDS,
    permission: "gkebackup.backupPlans",
    verbs: ["create", "list", "get"],
    fields: saidFields(Said.shape, {
      outputOnly: ["state", "stateReason"],
      required: ["cluster", "backupConfig"],
      notEmulated: [
        "backupSchedule",
        "deactivated",
        "tags",
        "retentionPolicy.backupDeleteLockDays",
        "retentionPolicy.locked",
        "backupConfig.selectedApplications",
        "backupConfig.encryptionKey",
        "backupConfig.permissiveMode",
      ],
    }),
    pages: PAGES,
    begin,
    create: () => ({ state: "READY" }),
  });
}
