import { z } from "zod";
import { isRecord } from "../kit/json.ts";

/** A message, of whose fields some are only written by the service: in a request they are taken and ignored. */
function message<Shape extends z.ZodRawShape>(
  shape: Shape,
  outputOnly: readonly string[],
): z.ZodPreprocess<z.ZodObject<Shape, z.core.$strict>> {
  const ignored = new Set([...outputOnly, "name", "uid", "createTime", "updateTime", "etag"]);
  return z.preprocess(
    (json) =>
      isRecord(json)
        ? Object.fromEntries(Object.entries(json).filter(([name]) => !ignored.has(name)))
        : json,
    z.strictObject(shape),
  );
}

const labels = z.record(z.string(), z.string()).optional();
const Namespaces = z.strictObject({ namespaces: z.array(z.string()).optional() });
const NamespacedNames = z.strictObject({
  namespacedNames: z
    .array(z.strictObject({ namespace: z.string().optional(), name: z.string().optional() }))
    .optional(),
});

const BackupConfig = z.strictObject({
  allNamespaces: z.boolean().optional(),
  selectedNamespaces: Namespaces.optional(),
  selectedApplications: NamespacedNames.optional(),
  includeVolumeData: z.boolean().optional(),
  includeSecrets: z.boolean().optional(),
  permissiveMode: z.boolean().optional(),
  encryptionKey: z.strictObject({ gcpKmsEncryptionKey: z.string().optional() }).optional(),
});
/** What backups of a plan contain. */
export type BackupConfig = Readonly<z.infer<typeof BackupConfig>>;

const RetentionPolicy = z.strictObject({
  backupDeleteLockDays: z.int().optional(),
  backupRetainDays: z.int().optional(),
  locked: z.boolean().optional(),
});
/** How long backups of a plan are kept. */
export type RetentionPolicy = Readonly<z.infer<typeof RetentionPolicy>>;

/**
 * What a caller may say about a backup plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
 */
export const BackupPlanJson = message(
  {
    description: z.string().optional(),
    cluster: z.string().optional(),
    labels,
    retentionPolicy: RetentionPolicy.optional(),
    backupSchedule: z.record(z.string(), z.unknown()).optional(),
    backupConfig: BackupConfig.optional(),
    deactivated: z.boolean().optional(),
    tags: z.record(z.string(), z.string()).optional(),
  },
  [
    "state",
    "stateReason",
    "protectedPodCount",
    "rpoRiskLevel",
    "rpoRiskReason",
    "lastSuccessfulBackupTime",
    "backupChannel",
    "clusterHash",
  ],
);
/**
 * What a caller may say about a backup.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans.backups
 */
export const BackupJson = message(
  {
    description: z.string().optional(),
    labels,
    deleteLockDays: z.int().optional(),
    retainDays: z.int().optional(),
  },
  [
    "manual",
    "deleteLockExpireTime",
    "retainExpireTime",
    "encryptionKey",
    "allNamespaces",
    "selectedNamespaces",
    "selectedApplications",
    "containsVolumeData",
    "containsSecrets",
    "clusterMetadata",
    "state",
    "stateReason",
    "completeTime",
    "resourceCount",
    "volumeCount",
    "podCount",
    "sizeBytes",
    "configBackupSizeBytes",
    "permissiveMode",
    "satisfiesPzi",
    "satisfiesPzs",
    "troubleshootingInfo",
  ],
);
const GroupKinds = z.array(
  z.strictObject({ resourceGroup: z.string().optional(), resourceKind: z.string().optional() }),
);

const RestoreConfig = z.strictObject({
  volumeDataRestorePolicy: z
    .enum([
      "VOLUME_DATA_RESTORE_POLICY_UNSPECIFIED",
      "RESTORE_VOLUME_DATA_FROM_BACKUP",
      "REUSE_VOLUME_HANDLE_FROM_BACKUP",
      "NO_VOLUME_DATA_RESTORATION",
    ])
    .optional(),
  namespacedResourceRestoreMode: z
    .enum([
      "NAMESPACED_RESOURCE_RESTORE_MODE_UNSPECIFIED",
      "DELETE_AND_RESTORE",
      "FAIL_ON_CONFLICT",
      "MERGE_SKIP_ON_CONFLICT",
      "MERGE_REPLACE_VOLUME_ON_CONFLICT",
      "MERGE_REPLACE_ON_CONFLICT",
    ])
    .optional(),
  clusterResourceConflictPolicy: z
    .enum([
      "CLUSTER_RESOURCE_CONFLICT_POLICY_UNSPECIFIED",
      "USE_EXISTING_VERSION",
      "USE_BACKUP_VERSION",
    ])
    .optional(),
  clusterResourceRestoreScope: z
    .strictObject({
      allGroupKinds: z.boolean().optional(),
      noGroupKinds: z.boolean().optional(),
      selectedGroupKinds: GroupKinds.optional(),
      excludedGroupKinds: GroupKinds.optional(),
    })
    .optional(),
  allNamespaces: z.boolean().optional(),
  noNamespaces: z.boolean().optional(),
  selectedNamespaces: Namespaces.optional(),
  excludedNamespaces: Namespaces.optional(),
  selectedApplications: NamespacedNames.optional(),
  substitutionRules: z.array(z.unknown()).optional(),
  transformationRules: z.array(z.unknown()).optional(),
  volumeDataRestorePolicyBindings: z.array(z.unknown()).optional(),
  restoreOrder: z.unknown().optional(),
});
/** What restores of a plan bring back, and over what. */
export type RestoreConfig = Readonly<z.infer<typeof RestoreConfig>>;

/**
 * What a caller may say about a restore plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
export const RestorePlanJson = message(
  {
    description: z.string().optional(),
    backupPlan: z.string().optional(),
    cluster: z.string().optional(),
    restoreConfig: RestoreConfig.optional(),
    labels,
    tags: z.record(z.string(), z.string()).optional(),
  },
  ["state", "stateReason", "restoreChannel", "clusterHash"],
);
/**
 * What a caller may say about a restore.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans.restores
 */
export const RestoreJson = message(
  {
    description: z.string().optional(),
    backup: z.string().optional(),
    labels,
    filter: z.unknown().optional(),
    volumeDataRestorePolicyOverrides: z.array(z.unknown()).optional(),
  },
  [
    "cluster",
    "clusterHash",
    "restoreConfig",
    "state",
    "stateReason",
    "completeTime",
    "resourcesRestoredCount",
    "resourcesExcludedCount",
    "resourcesFailedCount",
    "volumesRestoredCount",
    "troubleshootingInfo",
  ],
);
