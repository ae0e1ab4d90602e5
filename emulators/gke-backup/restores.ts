import { z } from "zod";
import { collection, type Collection, type Resource } from "../kit/collection.ts";
import { saidFields } from "../kit/collection-fields.ts";
import { isBelow } from "../kit/collection-names.ts";
import { toTimestamp } from "../kit/clock.ts";
import type { Backup, Backups } from "./backups.ts";
import { IDS, PAGES } from "./names.ts";
import { bringBack } from "./namespaces.ts";
import { notNow, REFUSALS } from "./refusal.ts";
import type { RestoreConfig, RestorePlan, RestorePlans } from "./restore-plans.ts";
import {
  type Contents,
  DESCRIBED,
  type GkeBackup,
  isEnded,
  type Moves,
  takeFailure,
  type WorkState,
} from "./state.ts";

/**
 * What a caller may say about a restore.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.restorePlans.restores
 */
const Said = z.strictObject({ ...DESCRIBED, backup: z.string().optional() });

type Draft = z.infer<typeof Said>;

type Own = {
  readonly cluster: string;
  readonly restoreConfig: RestoreConfig;
  readonly state: WorkState;
  readonly stateReason?: string;
  readonly completeTime?: string;
  readonly hidden: {
    /** When it is IN_PROGRESS, then at its end; null when it has ended. */
    readonly nextMs: number | null;
    readonly endMs: number;
    /** Why it is to fail; null when it is to succeed. */
    readonly failure: string | null;
    /** What the backup contains, so that the backup may go meanwhile. */
    readonly contents: Contents;
  };
};

/** A restore, with what its plan said when it was created. */
export type Restore = Resource<Draft, Own>;
/** The restores of all plans. */
export type Restores = Collection<Draft, Own> & Moves<Restore>;

/** What a caller may send along, and only the service writes. */
const OUTPUT_ONLY =
  "cluster clusterHash restoreConfig state stateReason completeTime " +
  "resourcesRestoredCount resourcesExcludedCount resourcesFailedCount " +
  "volumesRestoredCount troubleshootingInfo";

const FIELDS = saidFields(Said.shape, {
  outputOnly: OUTPUT_ONLY.split(" "),
  required: ["backup"],
  notEmulated: ["filter", "volumeDataRestorePolicyOverrides"],
});

/** The restores, none at first: of backups that have succeeded, and into each cluster one after the other. */
export function openRestores(
  gke: GkeBackup,
  { restorePlans, backups }: { readonly restorePlans: RestorePlans; readonly backups: Backups },
): Restores {
  const restores: Collection<Draft, Own> = collection<Draft, Own>({
    type: "Restore",
    pattern: "projects/*/locations/*/restorePlans/*/restores/*",
    ids: IDS,
    permission: "gkebackup.restores",
    verbs: ["create", "list", "get"],
    fields: FIELDS,
    pages: PAGES,
    refusals: REFUSALS,
    parents: restorePlans,
    begin: gke.begin,
    create: ({ backup = "" }, { parent, nowMs }) => {
      const plan = restorePlans.find(parent);
      const { contents } = sourceOf(backups, plan, backup).hidden;
      const { cluster = "", restoreConfig = {} } = plan;
      refuseBusy(restores, cluster);
      const { operationMs, restoreMs } = gke.durations;
      return {
        cluster,
        restoreConfig,
        state: "CREATING",
        hidden: {
          nextMs: nowMs + operationMs,
          endMs: nowMs + Math.max(operationMs, restoreMs),
          failure: takeFailure(gke, parent),
          contents,
        },
      };
    },
  });
  return { ...restores, move: (restore, atMs) => move(gke, { restores, restore }, atMs) };
}

/** A restore goes on: it begins, and it ends with what it brought back. */
function move(
  gke: GkeBackup,
  { restores, restore }: { readonly restores: Collection<Draft, Own>; readonly restore: Restore },
  atMs: number,
): void {
  const { state, hidden } = restore;
  if (state === "CREATING") {
    restores.change(restore, { state: "IN_PROGRESS", hidden: { ...hidden, nextMs: hidden.endMs } });
    return;
  }
  const stateReason = hidden.failure ?? bringBack(gke, restore);
  const ended = { completeTime: toTimestamp(atMs), hidden: { ...hidden, nextMs: null } };
  const how =
    stateReason === null
      ? ({ state: "SUCCEEDED" } as const)
      : ({ state: "FAILED", stateReason } as const);
  restores.change(restore, { ...ended, ...how }, atMs);
}

function sourceOf(backups: Backups, { backupPlan = "" }: RestorePlan, name: string): Backup {
  if (!isBelow(name, backupPlan)) {
    throw REFUSALS.invalid("backup", `a backup of ${backupPlan}`);
  }
  const backup = backups.find(name);
  if (backup.state !== "SUCCEEDED") {
    throw notNow(`Backup '${name}' cannot be restored, because it is ${backup.state}.`);
  }
  return backup;
}

function refuseBusy({ records }: Pick<Restores, "records">, cluster: string): void {
  const running = [...records.values()].find(
    (one) => one.cluster === cluster && !isEnded(one.state),
  );
  if (running !== undefined) {
    throw notNow(`Restore '${running.name}' into the same cluster is still ${running.state}.`);
  }
}
