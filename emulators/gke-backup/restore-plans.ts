import { z } from "zod";
import { collection, type Collection, type Resource } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import type { BackupPlans } from "./backup-plans.ts";
import { checkCluster, IDS, PAGES, refuseOtherProject } from "./names.ts";
import { REFUSALS, refusal } from "./refusal.ts";
import { DESCRIBED, type GkeBackup, SCOPE, type Scope } from "./state.ts";

const RestoreConfig = z.strictObject({
  ...SCOPE,
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
  clusterResourceConflictPolicy: z.string().optional(),
  clusterResourceRestoreScope: z.record(z.string(), z.unknown()).optional(),
  noNamespaces: z.unknown().optional(),
  excludedNamespaces: z.unknown().optional(),
  substitutionRules: z.unknown().optional(),
  transformationRules: z.unknown().optional(),
  volumeDataRestorePolicyBindings: z.unknown().optional(),
  restoreOrder: z.unknown().optional(),
});

/** What restores of a plan bring back, and over what. Resources of the cluster itself are none here. */
export type RestoreConfig = Readonly<z.infer<typeof RestoreConfig>>;

/**
 * What a caller may say about a restore plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
const Said = z.strictObject({
  ...DESCRIBED,
  backupPlan: z.string().optional(),
  cluster: z.string().optional(),
  restoreConfig: RestoreConfig.optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

type Draft = z.infer<typeof Said>;

type Own = { readonly state: "READY" };

/** A restore plan. */
export type RestorePlan = Resource<Draft, Own>;
/** The restore plans. */
export type RestorePlans = Collection<Draft, Own>;

const NOT_EMULATED = [
  "selectedApplications",
  "noNamespaces",
  "excludedNamespaces",
  "substitutionRules",
  "transformationRules",
  "volumeDataRestorePolicyBindings",
  "restoreOrder",
];

const FIELDS = saidFields(Said.shape, {
  outputOnly: ["state", "stateReason", "restoreChannel", "clusterHash"],
  required: ["backupPlan", "cluster", "restoreConfig"],
  notEmulated: NOT_EMULATED.map((field) => `restoreConfig.${field}`),
});

/** The restore plans, none at first. */
export function openRestorePlans({ begin }: GkeBackup, plans: BackupPlans): RestorePlans {
  return collection<Draft, Own>({
    type: "RestorePlan",
    pattern: "projects/*/locations/*/restorePlans/*",
    ids: IDS,
    permission: "gkebackup.restorePlans",
    verbs: ["create", "list", "get"],
    fields: FIELDS,
    pages: PAGES,
    refusals: REFUSALS,
    begin,
    create: ({ backupPlan = "", cluster = "", restoreConfig = {} }, { name, parent }) => {
      refuseOtherProject(backupPlan, name);
      plans.find(backupPlan);
      checkCluster(cluster, name);
      const [region = "", place = ""] = [parent, cluster].map((one) => one.split("/")[3]);
      if (!place.startsWith(region)) {
        throw REFUSALS.invalid("cluster", `a cluster in ${region}, where the restore plan is`);
      }
      checkConfig(restoreConfig);
      return { state: "READY" };
    },
  });
}

function checkConfig(config: RestoreConfig): void {
  const mode = config.namespacedResourceRestoreMode;
  if (mode === undefined || mode === "NAMESPACED_RESOURCE_RESTORE_MODE_UNSPECIFIED") {
    throw REFUSALS.missing("restore_config.namespaced_resource_restore_mode");
  }
  const { allNamespaces, selectedNamespaces }: Scope = config;
  const isOne = (allNamespaces === undefined) !== (selectedNamespaces === undefined);
  if (!isOne || (allNamespaces !== true && (selectedNamespaces?.namespaces ?? []).length === 0)) {
    throw refusal(
      "INVALID_ARGUMENT",
      "INVALID_RESTORE_SCOPE",
      "Restore scope is invalid. Provide a valid scope and try again.",
    );
  }
}
