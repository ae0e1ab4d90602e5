import type { Resource } from "../resource.ts";
import { projectsOf } from "../settings.ts";
import type { EnvironmentProject, Settings } from "../settings.ts";

/** What Slipway's project needs: what runs there, and what its clients call from there. */
const OWN = [
  "artifactregistry",
  "cloudbuild",
  "clouddeploy",
  "cloudfunctions",
  "cloudidentity",
  "cloudresourcemanager",
  "cloudscheduler",
  "firestore",
  "gkebackup",
  "iam",
  "iamcredentials",
  "iap",
  "logging",
  "monitoring",
  "pubsub",
  "run",
  "secretmanager",
  "serviceusage",
  "sqladmin",
  "storage",
] as const;

/** What a project that has pipelines needs. */
const OF_PIPELINES = ["clouddeploy", "pubsub"] as const;

/** What a project that has a registry needs. */
const OF_REGISTRY = ["artifactregistry", "pubsub"] as const;

/**
 * The APIs of each project.
 * Source: https://cloud.google.com/service-usage/docs/reference/rest/v1/services
 */
export function apis(settings: Settings): readonly Resource[] {
  return projectsOf(settings).map((project) => ({
    kind: "apis",
    name: `projects/${project}/services`,
    project,
    needs: [],
    fields: { enabled: apisOf(settings, project).map((api) => `${api}.googleapis.com`) },
    why: "Nothing answers in a project whose API is off.",
  }));
}

function apisOf(settings: Settings, project: string): readonly string[] {
  const environment = settings.environments.find((one) => one.project === project);
  const wanted = [
    ...(project === settings.project ? OWN : []),
    ...(settings.pipelineProjects.includes(project) ? OF_PIPELINES : []),
    ...(settings.registries.some((one) => one.project === project) ? OF_REGISTRY : []),
    ...(environment === undefined ? [] : ofEnvironment(environment)),
    ...(project === settings.incidentsProject ? ["monitoring"] : []),
  ];
  return [...new Set<string>(wanted)].toSorted();
}

function ofEnvironment({ cloudSql, gkeBackup, secrets }: EnvironmentProject): readonly string[] {
  return [
    "iam",
    "monitoring",
    "run",
    ...(cloudSql ? ["sqladmin"] : []),
    ...(gkeBackup ? ["gkebackup"] : []),
    ...(secrets.length > 0 ? ["secretmanager"] : []),
  ];
}
