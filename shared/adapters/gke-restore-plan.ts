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
 * Names may say a project by its id or its number. What is spelled alike comes first; a number may stand for any id.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/how-to/restore-plan
 * @throws PermanentError FAILED_PRECONDITION when there is none, or more than one that could be meant.
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
    const found = choose(plans, { backupPlan: from, cluster });
    if (found !== null) {
      return found.name;
    }
  }
  const message = `there is no restore plan for backups of ${from} into ${cluster}`;
  throw new PermanentError("FAILED_PRECONDITION", message);
}

type Wanted = Pick<GkeRestorePlan, "backupPlan" | "cluster">;

function choose(plans: readonly GkeRestorePlan[], wanted: Wanted): GkeRestorePlan | null {
  const exact = plans.find(
    ({ backupPlan, cluster }) => backupPlan === wanted.backupPlan && cluster === wanted.cluster,
  );
  const [first, second] = plans.filter(
    ({ backupPlan, cluster }) =>
      mayBeSame(backupPlan, wanted.backupPlan) && mayBeSame(cluster, wanted.cluster),
  );
  if (exact === undefined && first !== undefined && second !== undefined) {
    const message = `${first.name} and ${second.name} may both be for backups of ${wanted.backupPlan}: Google names their projects by number, so Slipway cannot tell; keep one of them`;
    throw new PermanentError("FAILED_PRECONDITION", message);
  }
  return exact ?? first ?? null;
}

const IN_PROJECT = /^projects\/([^/]+)\/(.+)$/;

/** Whether two names mean one resource, as far as can be told where one says the project's number and the other its id. */
function mayBeSame(one: string, other: string): boolean {
  const [, project = "", rest] = IN_PROJECT.exec(one) ?? [];
  const [, otherProject = "", otherRest] = IN_PROJECT.exec(other) ?? [];
  const isMixed = isNumber(project) !== isNumber(otherProject);
  return rest !== undefined && rest === otherRest && (project === otherProject || isMixed);
}

function isNumber(project: string): boolean {
  return /^\d+$/.test(project);
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
