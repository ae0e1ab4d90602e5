import { PermanentError } from "../ports/errors.ts";
import { GkeBackupPlan, GkeRestorePlanPage } from "../wire/gke-backup.ts";
import type { GkeRestorePlan } from "../wire/gke-backup.ts";
import { callOutside } from "./outside-call.ts";
import { listPages } from "./rest-pages.ts";
import type { RestClient } from "./rest-client.ts";

/**
 * The name of the restore plan that brings backups of a plan into the cluster of another (or of the
 * same). Restore plans say what is overwritten and how, so one is never made here: somebody who knows
 * that cluster has to.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/how-to/restore-plan
 * @throws PermanentError FAILED_PRECONDITION when there is none.
 */
export async function findRestorePlan(
  call: RestClient,
  from: string,
  into: string,
): Promise<string> {
  const { cluster } = await callOutside(into, async () =>
    GkeBackupPlan.parse(await call({ path: `/v1/${into}` })),
  );
  const projects = [...new Set([into, from].map((plan) => plan.split("/")[1] ?? ""))];
  for (const project of projects) {
    const plans = await listRestorePlans(call, `projects/${project}/locations/-/restorePlans`);
    const found = plans.find((plan) => plan.backupPlan === from && plan.cluster === cluster);
    if (found !== undefined) {
      return found.name;
    }
  }
  const message = `there is no restore plan for backups of ${from} into ${cluster}`;
  throw new PermanentError("FAILED_PRECONDITION", message);
}

async function listRestorePlans(
  call: RestClient,
  parent: string,
): Promise<readonly GkeRestorePlan[]> {
  return listPages(parent, async (pageToken) => {
    const query = { pageSize: "500", pageToken };
    const page = GkeRestorePlanPage.parse(await call({ path: `/v1/${parent}`, query }));
    return { items: page.restorePlans, nextPageToken: page.nextPageToken };
  });
}
