import { ownSecrets } from "../settings.ts";
import type { EnvironmentProject, Mentioned, Settings } from "../settings.ts";

/** What the installer does in a project, and the roles of Google's that let him. */
export type Need = { readonly permission: string; readonly role: string };

const ANY_PROJECT: readonly Need[] = [
  { permission: "resourcemanager.projects.get", role: "roles/browser" },
  { permission: "serviceusage.services.enable", role: "roles/serviceusage.serviceUsageAdmin" },
  { permission: "serviceusage.services.list", role: "roles/serviceusage.serviceUsageAdmin" },
];

const POLICY: readonly Need[] = [
  {
    permission: "resourcemanager.projects.getIamPolicy",
    role: "roles/resourcemanager.projectIamAdmin",
  },
  {
    permission: "resourcemanager.projects.setIamPolicy",
    role: "roles/resourcemanager.projectIamAdmin",
  },
];

const TOPICS: readonly Need[] = [
  { permission: "pubsub.topics.create", role: "roles/pubsub.admin" },
  { permission: "pubsub.topics.attachSubscription", role: "roles/pubsub.admin" },
];

const CUSTOM_ROLES: readonly Need[] = [
  { permission: "iam.roles.create", role: "roles/iam.roleAdmin" },
  { permission: "iam.roles.update", role: "roles/iam.roleAdmin" },
];

const OWN: readonly Need[] = [
  { permission: "iam.serviceAccounts.create", role: "roles/iam.serviceAccountAdmin" },
  { permission: "iam.serviceAccounts.setIamPolicy", role: "roles/iam.serviceAccountAdmin" },
  { permission: "iam.serviceAccounts.actAs", role: "roles/iam.serviceAccountUser" },
  { permission: "pubsub.subscriptions.create", role: "roles/pubsub.admin" },
  { permission: "pubsub.topics.setIamPolicy", role: "roles/pubsub.admin" },
  { permission: "cloudscheduler.jobs.create", role: "roles/cloudscheduler.admin" },
  { permission: "datastore.databases.create", role: "roles/datastore.owner" },
  { permission: "datastore.schemas.update", role: "roles/datastore.indexAdmin" },
  { permission: "datastore.backupSchedules.create", role: "roles/datastore.owner" },
  { permission: "cloudfunctions.functions.create", role: "roles/cloudfunctions.admin" },
  { permission: "cloudfunctions.functions.update", role: "roles/cloudfunctions.admin" },
  { permission: "run.services.setIamPolicy", role: "roles/run.admin" },
  { permission: "storage.buckets.create", role: "roles/storage.admin" },
  { permission: "storage.buckets.setIamPolicy", role: "roles/storage.admin" },
  { permission: "artifactregistry.repositories.create", role: "roles/artifactregistry.admin" },
  {
    permission: "artifactregistry.repositories.setIamPolicy",
    role: "roles/artifactregistry.admin",
  },
  { permission: "monitoring.alertPolicies.create", role: "roles/monitoring.editor" },
  { permission: "monitoring.dashboards.create", role: "roles/monitoring.editor" },
];

const REGISTRY: readonly Need[] = [
  {
    permission: "artifactregistry.repositories.setIamPolicy",
    role: "roles/artifactregistry.admin",
  },
];

const CHANNELS: Need = {
  permission: "monitoring.notificationChannels.create",
  role: "roles/monitoring.editor",
};

const SECRETS: Need = {
  permission: "secretmanager.secrets.setIamPolicy",
  role: "roles/secretmanager.admin",
};

/** What specifications name is looked for. */
function toLookAt({ jobs, backupPlans }: Mentioned, project: string): readonly Need[] {
  const isThere = (name: string): boolean => name.startsWith(`projects/${project}/`);
  return [
    ...(jobs.some(isThere) ? [{ permission: "run.jobs.get", role: "roles/run.viewer" }] : []),
    ...(backupPlans.some(isThere)
      ? [{ permission: "gkebackup.backupPlans.get", role: "roles/gkebackup.viewer" }]
      : []),
  ];
}

/** What the installer must be allowed in a project, each permission once. */
export function needsIn(settings: Settings, project: string): readonly Need[] {
  const environments = settings.environments.filter((one) => one.project === project);
  const needs = [
    ...ANY_PROJECT,
    ...(settings.project === project ? [POLICY, TOPICS, CUSTOM_ROLES, OWN] : []).flat(),
    ...(settings.pipelineProjects.includes(project) ? [POLICY, TOPICS] : []).flat(),
    ...(settings.registries.some((one) => one.project === project)
      ? [TOPICS, REGISTRY]
      : []
    ).flat(),
    ...environments.flatMap((one) => [POLICY, CUSTOM_ROLES, inEnvironment(one)]).flat(),
    ...(settings.incidentsProject === project ? [...POLICY, CHANNELS] : []),
    ...(settings.project === project && ownSecrets(settings).length > 0 ? [SECRETS] : []),
    ...toLookAt(settings.mentioned, project),
  ];
  return [...new Map(needs.map((need) => [need.permission, need])).values()];
}

function inEnvironment(environment: EnvironmentProject): readonly Need[] {
  const { runtimeAccounts, jobAccounts, secrets } = environment;
  return [
    CHANNELS,
    ...(runtimeAccounts.length + jobAccounts.length > 0
      ? [
          {
            permission: "iam.serviceAccounts.setIamPolicy",
            role: "roles/iam.serviceAccountAdmin",
          },
        ]
      : []),
    ...(secrets.length > 0 ? [SECRETS] : []),
  ];
}
