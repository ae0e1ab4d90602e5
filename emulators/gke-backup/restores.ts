import { z } from "zod";
import { collection, type Collection, type Resource } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { isBelow } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { BackupPlans } from "./backup-plans.ts";
import type { Backups } from "./backups.ts";
import { bringBack } from "./namespaces.ts";
import {
  Cluster,
  DESCRIBED,
  type GkeBackup,
  IDS,
  isOneScope,
  NotHere,
  newWork,
  notNow,
  PAGES,
  SCOPE,
  soFar,
  type Work,
} from "./state.ts";

const NOT_EMULATED = {
  noNamespaces: NotHere,
  excludedNamespaces: NotHere,
  selectedApplications: NotHere,
  clusterResourceConflictPolicy: NotHere,
  clusterResourceRestoreScope: NotHere,
  substitutionRules: NotHere,
  transformationRules: NotHere,
  volumeDataRestorePolicyBindings: NotHere,
  restoreOrder: NotHere,
};

/** How things are brought back here: all of them, over what is there. */
const HOW: ReadonlySet<string> = new Set(["DELETE_AND_RESTORE", "RESTORE_VOLUME_DATA_FROM_BACKUP"]);

/** What restores of a plan bring back. Resources of the cluster itself are none here. */
const RestoreConfig = z
  .strictObject({
    ...SCOPE,
    ...NOT_EMULATED,
    namespacedResourceRestoreMode: z.string(),
    volumeDataRestorePolicy: z.string(),
  })
  .refine(isOneScope, "the scope is all namespaces or selected ones");

/**
 * What a caller may say about a restore plan.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans
 */
const SaidOfPlan = z.strictObject({
  ...DESCRIBED,
  backupPlan: z.string().optional(),
  cluster: Cluster.optional(),
  restoreConfig: RestoreConfig.optional(),
});

type PlanDraft = z.infer<typeof SaidOfPlan>;
type PlanOwn = { readonly state: "READY" };

/** The restore plans. */
export type RestorePlans = Collection<PlanDraft, PlanOwn>;

/** The restore plans, none at first. */
export function openRestorePlans({ begin }: GkeBackup, plans: BackupPlans): RestorePlans {
  return collection<PlanDraft, PlanOwn>({
    type: "RestorePlan",
    pattern: "projects/*/locations/*/restorePlans/*",
    ids: IDS,
    permission: "gkebackup.restorePlans",
    verbs: ["create", "list", "get"],
    fields: saidFields(SaidOfPlan.shape, {
      outputOnly: ["state", "stateReason"],
      required: ["backupPlan", "cluster", "restoreConfig"],
      notEmulated: ["tags", ...Object.keys(NOT_EMULATED).map((field) => `restoreConfig.${field}`)],
    }),
    pages: PAGES,
    begin,
    create: ({ backupPlan, restoreConfig }) => {
      plans.find(backupPlan);
      const { namespacedResourceRestoreMode: mode, volumeDataRestorePolicy: policy } =
        restoreConfig ?? {};
      const other = [mode, policy].find((one) => one !== undefined && !HOW.has(one));
      if (other !== undefined) {
        throw googleError("UNIMPLEMENTED", `The emulator does not implement ${other}.`);
      }
      return { state: "READY" };
    },
  });
}

/**
 * What a caller may say about a restore.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans.restores
 */
const Said = z.strictObject({ ...DESCRIBED, backup: z.string().optional() });

type Draft = z.infer<typeof Said>;
type Own = Work & { readonly cluster: string; readonly restoreConfig: object };

/** A restore, with what its plan said when it was created. */
type Restore = Resource<Draft, Own>;
/** The restores of all plans. */
export type Restores = Collection<Draft, Own>;

/** The restores, none at first: of backups that have succeeded, and into each cluster one after the other. */
export function openRestores(
  gke: GkeBackup,
  { restorePlans, backups }: { readonly restorePlans: RestorePlans; readonly backups: Backups },
): Restores {
  const restores: Restores = collection<Draft, Own>({
    type: "Restore",
    pattern: "projects/*/locations/*/restorePlans/*/restores/*",
    ids: IDS,
    permission: "gkebackup.restores",
    verbs: ["create", "list", "get"],
    fields: saidFields(Said.shape, {
      outputOnly: ["cluster", "restoreConfig", "state", "stateReason", "completeTime"],
      required: ["backup"],
      notEmulated: ["filter", "volumeDataRestorePolicyOverrides"],
    }),
    pages: PAGES,
    parents: restorePlans,
    begin: gke.begin,
    create: ({ backup: source = "" }, { parent, nowMs }) => {
      const { cluster = "", restoreConfig = {}, backupPlan = "" } = restorePlans.find(parent);
      if (!isBelow(source, backupPlan)) {
        throw badRequest("backup", `The backup must be one of ${backupPlan}.`);
      }
      const backup = backups.find(source);
      if (soFar(backup, nowMs).state !== "SUCCEEDED") {
        throw notNow(`Backup '${source}' cannot be restored, because it has not succeeded.`);
      }
      refuseBusy(restores.records.values(), cluster, nowMs);
      const hidden = newWork(gke, { plan: parent, runMs: gke.durations.restoreMs, nowMs });
      if (hidden.failure === null) {
        bringBack(gke, { cluster, scope: restoreConfig }, backup.hidden.contents);
      }
      return { cluster, restoreConfig, hidden };
    },
    view: (restore) => ({ ...restore, ...soFar(restore, gke.now()) }),
  });
  return restores;
}

function refuseBusy(restores: Iterable<Restore>, cluster: string, nowMs: number): void {
  const running = [...restores].find((one) => one.cluster === cluster && nowMs < one.hidden.endMs);
  if (running !== undefined) {
    throw notNow(`Restore '${running.name}' into the same cluster is still under way.`);
  }
}
