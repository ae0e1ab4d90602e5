/**
 * The domains of service agents, by API.
 * Source: https://cloud.google.com/iam/docs/service-agents
 */
const DOMAINS: ReadonlyMap<string, string> = new Map([
  ["artifactregistry.googleapis.com", "gcp-sa-artifactregistry"],
  ["cloudbuild.googleapis.com", "gcp-sa-cloudbuild"],
  ["clouddeploy.googleapis.com", "gcp-sa-clouddeploy"],
  ["cloudfunctions.googleapis.com", "gcf-admin-robot"],
  ["cloudscheduler.googleapis.com", "gcp-sa-cloudscheduler"],
  ["eventarc.googleapis.com", "gcp-sa-eventarc"],
  ["gkebackup.googleapis.com", "gcp-sa-gkebackup"],
  ["iap.googleapis.com", "gcp-sa-iap"],
  ["monitoring.googleapis.com", "gcp-sa-monitoring-notification"],
  ["pubsub.googleapis.com", "gcp-sa-pubsub"],
  ["run.googleapis.com", "serverless-robot-prod"],
  ["secretmanager.googleapis.com", "gcp-sa-secretmanager"],
  ["sqladmin.googleapis.com", "gcp-sa-cloud-sql"],
]);

const AGENT_DOMAINS: ReadonlySet<string> = new Set(DOMAINS.values());

/** The address of an API's agent in a project; null for an API that has none. */
export function agentOf(service: string, projectNumber: string): string | null {
  const domain = DOMAINS.get(service);
  return domain === undefined ? null : `service-${projectNumber}@${domain}.iam.gserviceaccount.com`;
}

/** Whether an address has the form of an agent's. */
export function isAgent(address: string): boolean {
  const domain = /^service-\d+@([^.]+)\.iam\.gserviceaccount\.com$/.exec(address)?.[1];
  return domain !== undefined && AGENT_DOMAINS.has(domain);
}
