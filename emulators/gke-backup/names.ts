import { REFUSALS, refusal } from "./refusal.ts";

/** How ids look in this API. */
export const IDS = {
  pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  rule: "1 to 63 lower-case letters, numbers and dashes, starting with a letter and not ending with a dash",
};

/** How many a page of a list has. */
export const PAGES = { defaultSize: 100, maxSize: 1000 };

const CLUSTER = /^projects\/[^/]+\/(?:locations|zones)\/[^/]+\/clusters\/[^/]+$/;

/**
 * Checks the cluster of a plan, which is in the plan's project.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkCluster(cluster: string, plan: string): void {
  if (!CLUSTER.test(cluster)) {
    throw REFUSALS.invalid("cluster", "a cluster's name, projects/*/locations/*/clusters/*");
  }
  refuseOtherProject(cluster, plan);
}

/** @throws GoogleError INVALID_ARGUMENT where what a plan names is in another project */
export function refuseOtherProject(named: string, plan: string): void {
  if (named.split("/")[1] !== plan.split("/")[1]) {
    throw refusal(
      "INVALID_ARGUMENT",
      "UNSUPPORTED_CROSS_PROJECT_RESOURCE",
      `Cross project ${plan.includes("/backupPlans/") ? "BackupPlan" : "RestorePlan"} creation is not supported.`,
    );
  }
}
