import { startGkeBackup } from "../../../emulators/gke-backup/server.ts";
import type { RunningGkeBackup } from "../../../emulators/gke-backup/server.ts";
import type { ManualClock } from "../manual-clock.ts";
import type { GkeSource } from "../../../shared/adapters/backup-service.ts";

/** Longer than anything that the emulator does takes. */
export const GKE_SETTLED_MS = 10_000;

const LOCATION = "projects/web-prod-0a1b/locations/us-central1";

/** The plan that is backed up, and one of another cluster. */
export const MAIN_PLAN: GkeSource = { kind: "gke", plan: `${LOCATION}/backupPlans/main` };
export const OTHER_PLAN: GkeSource = { kind: "gke", plan: `${LOCATION}/backupPlans/other` };

/** The restore plans by which backups of the first plan come into each cluster. */
export const RESTORE_PLANS: Readonly<Record<string, string>> = {
  [MAIN_PLAN.plan]: `${LOCATION}/restorePlans/into-main`,
  [OTHER_PLAN.plan]: `${LOCATION}/restorePlans/into-other`,
};

/** Starts a Backup for GKE with those plans, each of the namespace `web` of a cluster of the plan's name. */
export async function openPlans(clock: ManualClock): Promise<RunningGkeBackup> {
  const server = await startGkeBackup({ clock });
  for (const id of ["main", "other"]) {
    const cluster = `${LOCATION}/clusters/${id}`;
    await create(server, `${LOCATION}/backupPlans?backupPlanId=${id}`, {
      cluster,
      backupConfig: { selectedNamespaces: { namespaces: ["web"] }, includeVolumeData: true },
      retentionPolicy: { backupRetainDays: 14 },
    });
    await clock.advance(GKE_SETTLED_MS);
    await create(server, `${LOCATION}/restorePlans?restorePlanId=into-${id}`, {
      cluster,
      backupPlan: MAIN_PLAN.plan,
      restoreConfig: {
        allNamespaces: true,
        namespacedResourceRestoreMode: "DELETE_AND_RESTORE",
        volumeDataRestorePolicy: "RESTORE_VOLUME_DATA_FROM_BACKUP",
      },
    });
    await clock.advance(GKE_SETTLED_MS);
  }
  return server;
}

/** Where the text is read and written that stands for what a plan's namespace holds. */
export function gkeContentUrl(server: RunningGkeBackup, { plan }: GkeSource): string {
  const cluster = plan.replace("/backupPlans/", "/clusters/");
  return `${server.url}/emulator/v1/${cluster}/namespaces/web/content`;
}

async function create(server: RunningGkeBackup, path: string, body: object): Promise<void> {
  const response = await fetch(`${server.url}/v1/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  if (!response.ok) {
    throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }
}
