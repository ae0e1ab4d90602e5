import type { EnvironmentProject } from "../settings.ts";

/** What the state needs. Nothing deletes there: no function can take back what is on the record. */
export const STATE_PERMISSIONS = [
  "datastore.databases.get",
  "datastore.entities.create",
  "datastore.entities.get",
  "datastore.entities.list",
  "datastore.entities.update",
];

const ENVIRONMENT = [
  "monitoring.alerts.list",
  "run.executions.get",
  "run.executions.list",
  "run.jobs.get",
  "run.jobs.run",
  "run.jobs.runWithOverrides",
  "run.jobs.update",
  "run.operations.get",
  "run.revisions.get",
  "run.services.get",
];

const CLOUD_SQL = [
  "cloudsql.backupRuns.create",
  "cloudsql.backupRuns.delete",
  "cloudsql.backupRuns.get",
  "cloudsql.backupRuns.list",
  "cloudsql.instances.get",
  "cloudsql.instances.list",
  "cloudsql.instances.restoreBackup",
];

const GKE_BACKUP = [
  "gkebackup.backupPlans.get",
  "gkebackup.backups.create",
  "gkebackup.backups.delete",
  "gkebackup.backups.get",
  "gkebackup.backups.list",
  "gkebackup.restorePlans.list",
  "gkebackup.restores.create",
  "gkebackup.restores.get",
  "gkebackup.restores.list",
];

const LOOK_AT_CLOUD_SQL = [
  "cloudsql.backupRuns.get",
  "cloudsql.backupRuns.list",
  "cloudsql.instances.get",
  "cloudsql.instances.list",
];

const LOOK_AT_GKE_BACKUP = ["gkebackup.backups.get", "gkebackup.backups.list"];

/**
 * What deploying to Cloud Run takes: what Skaffold, which Cloud Deploy runs, and Google's command line in the action of an image
 * target call (decision 51). The policy too, since a manifest may let everybody in.
 * Source: pkg/skaffold/deploy/cloudrun of https://github.com/GoogleContainerTools/skaffold, and gcloud 528
 */
export const DEPLOY_PERMISSIONS = [
  "run.jobs.create",
  "run.jobs.get",
  "run.jobs.update",
  "run.operations.get",
  "run.services.create",
  "run.services.get",
  "run.services.getIamPolicy",
  "run.services.setIamPolicy",
  "run.services.update",
];

/** What Slipway itself does in an environment: only what its specifications use. */
export function environmentPermissions({
  cloudSql,
  gkeBackup,
}: Pick<EnvironmentProject, "cloudSql" | "gkeBackup">): readonly string[] {
  return [
    ...ENVIRONMENT,
    ...(cloudSql ? CLOUD_SQL : []),
    ...(gkeBackup ? GKE_BACKUP : []),
  ].toSorted();
}

/** What the function that people reach looks at in an environment before a restore is decided. None of it changes anything. */
export function lookPermissions({
  cloudSql,
  gkeBackup,
}: Pick<EnvironmentProject, "cloudSql" | "gkeBackup">): readonly string[] {
  return [...(cloudSql ? LOOK_AT_CLOUD_SQL : []), ...(gkeBackup ? LOOK_AT_GKE_BACKUP : [])];
}
