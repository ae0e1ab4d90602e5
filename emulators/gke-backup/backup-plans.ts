import { z } from "zod";
import { collection, type Collection, type Resource } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { checkCluster, IDS, PAGES } from "./names.ts";
import { REFUSALS, refusal } from "./refusal.ts";
import { DESCRIBED, type GkeBackup, type Moves, SCOPE, type Scope } from "./state.ts";

const LOCK_DAYS_MAX = 90;
const RETAIN_DAYS_MAX = 365;

/**
 * What a caller may say about a backup plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans
 */
const Said = z.strictObject({
  ...DESCRIBED,
  cluster: z.string().optional(),
  retentionPolicy: z
    .strictObject({
      backupDeleteLockDays: z.int().optional(),
      backupRetainDays: z.int().optional(),
      locked: z.boolean().optional(),
    })
    .optional(),
  backupConfig: z
    .strictObject({
      ...SCOPE,
      includeVolumeData: z.boolean().optional(),
      includeSecrets: z.boolean().optional(),
      permissiveMode: z.boolean().optional(),
      encryptionKey: z.strictObject({ gcpKmsEncryptionKey: z.string().optional() }).optional(),
    })
    .optional(),
  deactivated: z.boolean().optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

type Draft = z.infer<typeof Said>;

type Own = {
  readonly state: "PROVISIONING" | "READY" | "DEACTIVATED";
  readonly hidden: { readonly nextMs: number | null };
};

/** A backup plan. */
export type BackupPlan = Resource<Draft, Own>;
/** The backup plans. */
export type BackupPlans = Collection<Draft, Own> & Moves<BackupPlan>;

/** What a caller may send along, and only the service writes. */
const OUTPUT_ONLY =
  "state stateReason protectedPodCount rpoRiskLevel rpoRiskReason " +
  "lastSuccessfulBackupTime backupChannel clusterHash";

const FIELDS = saidFields(Said.shape, {
  outputOnly: OUTPUT_ONLY.split(" "),
  required: ["cluster"],
  notEmulated: ["backupSchedule", "backupConfig.selectedApplications"],
});

/** The backup plans, none at first. */
export function openBackupPlans({ begin, durations }: GkeBackup): BackupPlans {
  const plans = collection<Draft, Own>({
    type: "BackupPlan",
    pattern: "projects/*/locations/*/backupPlans/*",
    ids: IDS,
    permission: "gkebackup.backupPlans",
    verbs: ["create", "list", "get"],
    fields: FIELDS,
    pages: PAGES,
    refusals: REFUSALS,
    begin,
    create: ({ cluster = "", backupConfig = {}, retentionPolicy = {} }, { name, nowMs }) => {
      checkCluster(cluster, name);
      checkScope(backupConfig);
      const { backupDeleteLockDays: lock = 0, backupRetainDays: retain = 0 } = retentionPolicy;
      checkDays({ lock, retain }, "retention_policy.backup_");
      return { state: "PROVISIONING", hidden: { nextMs: nowMs + durations.operationMs } };
    },
  });
  return {
    ...plans,
    move: (plan) => {
      const state = plan.deactivated === true ? "DEACTIVATED" : "READY";
      plans.change(plan, { state, hidden: { nextMs: null } });
    },
  };
}

/**
 * Checks how long a backup is locked and kept.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkDays(
  { lock, retain }: { readonly lock: number; readonly retain: number },
  prefix: string,
): void {
  const [lockField, retainField] = [`${prefix}delete_lock_days`, `${prefix}retain_days`];
  if (lock < 0 || lock > LOCK_DAYS_MAX) {
    throw REFUSALS.invalid(lockField, `from 0 to ${LOCK_DAYS_MAX}`);
  }
  if (retain < 0 || retain > RETAIN_DAYS_MAX) {
    throw REFUSALS.invalid(retainField, `from 0 to ${RETAIN_DAYS_MAX}`);
  }
  if (retain !== 0 && retain < lock) {
    throw REFUSALS.invalid(retainField, `0, or no less than ${lockField}`);
  }
}

function checkScope({ allNamespaces, selectedNamespaces }: Scope): void {
  const isOne = (allNamespaces === undefined) !== (selectedNamespaces === undefined);
  if (!isOne || allNamespaces === false) {
    throw refusal(
      "INVALID_ARGUMENT",
      "INVALID_BACKUP_SCOPE",
      "Backup scope is invalid. Provide a valid scope and try again.",
    );
  }
  if (selectedNamespaces !== undefined && (selectedNamespaces.namespaces ?? []).length === 0) {
    throw refusal(
      "INVALID_ARGUMENT",
      "EMPTY_SELECTED_NAMESPACES",
      "Backup scope is invalid. Provide the list of namespaces to back up.",
    );
  }
}
