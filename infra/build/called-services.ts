/** The services of Google's that the functions call, by their full names. */
export const CALLED_SERVICES: readonly string[] = [
  "google.cloud.deploy.v1.CloudDeploy",
  "google.cloud.location.Locations",
  "google.cloud.run.v2.Executions",
  "google.cloud.run.v2.Jobs",
  "google.cloud.run.v2.Revisions",
  "google.cloud.run.v2.Services",
  "google.cloud.secretmanager.v1.SecretManagerService",
  "google.cloud.sql.v1.SqlBackupRunsService",
  "google.cloud.sql.v1.SqlInstancesService",
  "google.cloud.sql.v1.SqlOperationsService",
  "google.devtools.artifactregistry.v1.ArtifactRegistry",
  "google.firestore.v1.Firestore",
  "google.iam.v1.IAMPolicy",
  "google.longrunning.Operations",
  "google.pubsub.v1.Publisher",
];
