/** What Google calls its APIs. Source: https://cloud.google.com/apis/docs/overview and each API's reference. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ["artifactregistry.googleapis.com", "Artifact Registry API"],
  ["cloudbilling.googleapis.com", "Cloud Billing API"],
  ["cloudbuild.googleapis.com", "Cloud Build API"],
  ["clouddeploy.googleapis.com", "Cloud Deploy API"],
  ["cloudfunctions.googleapis.com", "Cloud Functions API"],
  ["cloudidentity.googleapis.com", "Cloud Identity API"],
  ["cloudresourcemanager.googleapis.com", "Cloud Resource Manager API"],
  ["cloudscheduler.googleapis.com", "Cloud Scheduler API"],
  ["eventarc.googleapis.com", "Eventarc API"],
  ["firestore.googleapis.com", "Cloud Firestore API"],
  ["gkebackup.googleapis.com", "Backup for GKE API"],
  ["iam.googleapis.com", "Identity and Access Management (IAM) API"],
  ["iap.googleapis.com", "Cloud Identity-Aware Proxy API"],
  ["iamcredentials.googleapis.com", "IAM Service Account Credentials API"],
  ["logging.googleapis.com", "Cloud Logging API"],
  ["monitoring.googleapis.com", "Cloud Monitoring API"],
  ["pubsub.googleapis.com", "Cloud Pub/Sub API"],
  ["run.googleapis.com", "Cloud Run Admin API"],
  ["secretmanager.googleapis.com", "Secret Manager API"],
  ["serviceusage.googleapis.com", "Service Usage API"],
  ["sqladmin.googleapis.com", "Cloud SQL Admin API"],
  ["storage.googleapis.com", "Cloud Storage API"],
]);

/** What Google calls an API; its own name where that is not known here. */
export function serviceTitle(service: string): string {
  return TITLES.get(service) ?? service;
}

/** The APIs that the emulators know. */
export function knownServices(): readonly string[] {
  return [...TITLES.keys()];
}
