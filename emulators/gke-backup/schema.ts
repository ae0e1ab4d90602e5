import { z } from "zod";

/** What only the service writes; in a request it is taken and ignored. */
const outputOnly = z.unknown().optional();

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

const Schedule = z.strictObject({
  cronSchedule: z.string().optional(),
  paused: z.boolean().optional(),
  rpoConfig: z
    .strictObject({
      targetRpoMinutes: z.int().optional(),
      exclusionWindows: z.array(z.unknown()).optional(),
    })
    .optional(),
  nextScheduledBackupTime: outputOnly,
});
/** When backups of a plan are taken by themselves. */
export type Schedule = Readonly<z.infer<typeof Schedule>>;

/**
 * What a caller may say about a backup plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
 */
export const BackupPlanJson = z.strictObject({
  description: z.string().optional(),
  cluster: z.string().optional(),
  labels,
  retentionPolicy: RetentionPolicy.optional(),
  backupSchedule: Schedule.optional(),
  backupConfig: BackupConfig.optional(),
  deactivated: z.boolean().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  etag: z.string().optional(),
  name: outputOnly,
  uid: outputOnly,
  createTime: outputOnly,
  updateTime: outputOnly,
  state: outputOnly,
  stateReason: outputOnly,
  protectedPodCount: outputOnly,
  rpoRiskLevel: outputOnly,
  rpoRiskReason: outputOnly,
  lastSuccessfulBackupTime: outputOnly,
  backupChannel: outputOnly,
  clusterHash: outputOnly,
});
/** What a caller may say about a backup plan. */
export type BackupPlanJson = Readonly<z.infer<typeof BackupPlanJson>>;

/**
 * What a caller may say about a backup.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans.backups
 */
export const BackupJson = z.strictObject({
  description: z.string().optional(),
  labels,
  deleteLockDays: z.int().optional(),
  retainDays: z.int().optional(),
  etag: z.string().optional(),
  name: outputOnly,
  uid: outputOnly,
  createTime: outputOnly,
  updateTime: outputOnly,
  manual: outputOnly,
  deleteLockExpireTime: outputOnly,
  retainExpireTime: outputOnly,
  encryptionKey: outputOnly,
  allNamespaces: outputOnly,
  selectedNamespaces: outputOnly,
  selectedApplications: outputOnly,
  containsVolumeData: outputOnly,
  containsSecrets: outputOnly,
  clusterMetadata: outputOnly,
  state: outputOnly,
  stateReason: outputOnly,
  completeTime: outputOnly,
  resourceCount: outputOnly,
  volumeCount: outputOnly,
  podCount: outputOnly,
  sizeBytes: outputOnly,
  configBackupSizeBytes: outputOnly,
  permissiveMode: outputOnly,
  satisfiesPzi: outputOnly,
  satisfiesPzs: outputOnly,
  troubleshootingInfo: outputOnly,
});
/** What a caller may say about a backup. */
export type BackupJson = Readonly<z.infer<typeof BackupJson>>;

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
export const RestorePlanJson = z.strictObject({
  description: z.string().optional(),
  backupPlan: z.string().optional(),
  cluster: z.string().optional(),
  restoreConfig: RestoreConfig.optional(),
  labels,
  tags: z.record(z.string(), z.string()).optional(),
  etag: z.string().optional(),
  name: outputOnly,
  uid: outputOnly,
  createTime: outputOnly,
  updateTime: outputOnly,
  state: outputOnly,
  stateReason: outputOnly,
  restoreChannel: outputOnly,
  clusterHash: outputOnly,
});
/** What a caller may say about a restore plan. */
export type RestorePlanJson = Readonly<z.infer<typeof RestorePlanJson>>;

const ResourceSelector = z.strictObject({
  namespace: z.string().optional(),
  name: z.string().optional(),
  groupKind: z.unknown().optional(),
  labels,
});

/**
 * What a caller may say about a restore.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans.restores
 */
export const RestoreJson = z.strictObject({
  description: z.string().optional(),
  backup: z.string().optional(),
  labels,
  filter: z
    .strictObject({
      inclusionFilters: z.array(ResourceSelector).optional(),
      exclusionFilters: z.array(ResourceSelector).optional(),
    })
    .optional(),
  volumeDataRestorePolicyOverrides: z.array(z.unknown()).optional(),
  etag: z.string().optional(),
  name: outputOnly,
  uid: outputOnly,
  createTime: outputOnly,
  updateTime: outputOnly,
  cluster: outputOnly,
  clusterHash: outputOnly,
  restoreConfig: outputOnly,
  state: outputOnly,
  stateReason: outputOnly,
  completeTime: outputOnly,
  resourcesRestoredCount: outputOnly,
  resourcesExcludedCount: outputOnly,
  resourcesFailedCount: outputOnly,
  volumesRestoredCount: outputOnly,
  troubleshootingInfo: outputOnly,
});
/** What a caller may say about a restore. */
export type RestoreJson = Readonly<z.infer<typeof RestoreJson>>;
