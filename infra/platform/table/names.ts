import { accountAddress } from "../../resources/account-address.ts";
import { keyOf } from "../resource.ts";
import { numberOf } from "../settings.ts";
import type { Platform, Settings } from "../settings.ts";

/** Slipway's own accounts. */
export const ACCOUNT_IDS = [
  "slipway-run",
  "slipway-api",
  "slipway-notice",
  "slipway-events",
  "slipway-build",
  "slipway-deploy",
] as const;

/** The id of one of Slipway's accounts. */
export type AccountId = (typeof ACCOUNT_IDS)[number];

/** Slipway's topics in its own project. */
export const OWN_TOPICS = {
  ticks: "slipway-ticks",
  audit: "slipway-audit",
  incidents: "slipway-incidents",
  work: "slipway-work",
  chat: "slipway-chat",
  dead: "slipway-dead",
} as const;

/** Topics that Cloud Deploy publishes to once they are there. */
export const DEPLOY_TOPICS = [
  "clouddeploy-operations",
  "clouddeploy-resources",
  "clouddeploy-approvals",
  "clouddeploy-advances",
] as const;

/** The topic that Artifact Registry publishes to once it is there. */
export const REGISTRY_TOPIC = "gcr";

/** The database's id. */
export const DATABASE = "slipway";

/** The repository in which the functions' containers are built. */
export const FUNCTIONS_REPOSITORY = "slipway-functions";

/** The address of one of Slipway's accounts. */
export function accountEmail({ project }: Settings, id: AccountId): string {
  return accountAddress(project, id);
}

/** One of Slipway's accounts as a member of policies. */
export function accountMember(settings: Settings, id: AccountId): string {
  return `serviceAccount:${accountEmail(settings, id)}`;
}

/** The full name of one of Slipway's accounts. */
export function accountName(settings: Settings, id: AccountId): string {
  return `projects/${settings.project}/serviceAccounts/${accountEmail(settings, id)}`;
}

/** The full name of a topic; in Slipway's project if none is named. */
export function topicName(settings: Settings, id: string, project = settings.project): string {
  return `projects/${project}/topics/${id}`;
}

/** The full name of a secret. */
export function secretName(project: string, id: string): string {
  return `projects/${project}/secrets/${id}`;
}

/** The name of the bucket that sources of releases are kept in; it carries the mark of the installation. */
export function sourcesBucket({ project }: Settings): string {
  return `${project}-sources`;
}

/** The full name of a function. */
export function functionName({ project, location }: Settings, id: string): string {
  return `projects/${project}/locations/${location}/functions/${id}`;
}

/** The full name of the Cloud Run service that a function is. */
export function runServiceName({ project, location }: Settings, id: string): string {
  return `projects/${project}/locations/${location}/services/${id}`;
}

/**
 * The address of a function, known before it is there.
 * Source: https://cloud.google.com/run/docs/triggering/https-request#deterministic
 */
export function functionUrl(platform: Platform, id: string): string {
  return `https://${id}-${numberOf(platform, platform.project)}.${platform.location}.run.app`;
}

/** The address of a service agent's account, such as Pub/Sub's of a project. */
export function agentEmail(platform: Platform, project: string, domain: string): string {
  return `service-${numberOf(platform, project)}@${domain}.iam.gserviceaccount.com`;
}

/** What needs the APIs of a project. */
export function needsApis(project: string): string {
  return keyOf({ kind: "apis", name: `projects/${project}/services` });
}

/** What needs the sources bucket: it carries the mark of a begun installation, so everything does. */
export function needsMark(settings: Settings): string {
  return keyOf({ kind: "bucket", name: sourcesBucket(settings) });
}

/** What needs one of Slipway's accounts. */
export function needsAccount(settings: Settings, id: AccountId): string {
  return keyOf({ kind: "account", name: accountName(settings, id) });
}
