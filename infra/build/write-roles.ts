import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** The predefined roles that the emulator of IAM knows: what an installation grants, and what tests need. */
const ROLES = [
  "owner",
  "editor",
  "viewer",
  "artifactregistry.admin",
  "artifactregistry.reader",
  "artifactregistry.writer",
  "billing.viewer",
  "browser",
  "cloudbuild.builds.builder",
  "clouddeploy.admin",
  "clouddeploy.approver",
  "clouddeploy.developer",
  "clouddeploy.jobRunner",
  "clouddeploy.releaser",
  "clouddeploy.viewer",
  "cloudfunctions.admin",
  "cloudfunctions.developer",
  "cloudfunctions.viewer",
  "cloudscheduler.admin",
  "cloudsql.admin",
  "cloudsql.client",
  "cloudsql.editor",
  "cloudsql.viewer",
  "datastore.indexAdmin",
  "datastore.owner",
  "datastore.user",
  "datastore.viewer",
  "gkebackup.admin",
  "gkebackup.viewer",
  "iam.roleAdmin",
  "iam.securityAdmin",
  "iam.securityReviewer",
  "iam.serviceAccountAdmin",
  "iam.serviceAccountCreator",
  "iam.serviceAccountOpenIdTokenCreator",
  "iam.serviceAccountTokenCreator",
  "iam.serviceAccountUser",
  "iam.serviceAccountViewer",
  "iam.workloadIdentityUser",
  "iap.httpsResourceAccessor",
  "logging.logWriter",
  "logging.viewer",
  "monitoring.admin",
  "monitoring.alertPolicyEditor",
  "monitoring.alertViewer",
  "monitoring.dashboardEditor",
  "monitoring.editor",
  "monitoring.metricWriter",
  "monitoring.notificationChannelEditor",
  "monitoring.notificationServiceAgent",
  "monitoring.viewer",
  "pubsub.admin",
  "pubsub.editor",
  "pubsub.publisher",
  "pubsub.serviceAgent",
  "pubsub.subscriber",
  "pubsub.viewer",
  "resourcemanager.projectIamAdmin",
  "run.admin",
  "run.developer",
  "run.invoker",
  "run.serviceAgent",
  "run.viewer",
  "secretmanager.admin",
  "secretmanager.secretAccessor",
  "secretmanager.viewer",
  "serviceusage.serviceUsageAdmin",
  "serviceusage.serviceUsageConsumer",
  "serviceusage.serviceUsageViewer",
  "storage.admin",
  "storage.legacyBucketOwner",
  "storage.legacyBucketReader",
  "storage.legacyObjectOwner",
  "storage.legacyObjectReader",
  "storage.objectAdmin",
  "storage.objectCreator",
  "storage.objectUser",
  "storage.objectViewer",
];

/** Permissions of other services would only make the file long. */
const SERVICES =
  /^(?:artifactregistry|cloudbuild|clouddeploy|cloudfunctions|cloudscheduler|cloudsql|datastore|gkebackup|billing|iam|iap|logging|monitoring|pubsub|resourcemanager|run|secretmanager|serviceusage|storage)\./;

const OUTPUT = new URL("../../emulators/kit/access/predefined-roles.json", import.meta.url);

const Role = z.object({
  description: z.string().default(""),
  includedPermissions: z.array(z.string()).default([]),
  stage: z.string().default("GA"),
  title: z.string(),
});

/** The verbs of each resource in one text: that is a third of the length, and reads better. */
function toVerbs(permissions: readonly string[]): Readonly<Record<string, string>> {
  const groups = Map.groupBy(permissions, (name) => name.slice(0, name.lastIndexOf(".")));
  return Object.fromEntries(
    [...groups].map(([resource, names]) => [
      resource,
      names.map((name) => name.slice(resource.length + 1)).join(" "),
    ]),
  );
}

const [folder, source, date] = process.argv.slice(2);
if (folder === undefined || source === undefined || date === undefined) {
  throw new Error(
    "usage: npm run roles -- FOLDER SOURCE DATE, FOLDER with one file a role as `gcloud iam roles describe` prints it",
  );
}
const roles: Record<string, unknown> = {};
for (const id of ROLES) {
  const text = await readFile(join(folder, id), "utf8");
  const { includedPermissions, ...role } = Role.parse(JSON.parse(text));
  const own = includedPermissions.filter((name) => SERVICES.test(name));
  roles[`roles/${id}`] = { ...role, permissions: toVerbs(own) };
}
await writeFile(OUTPUT, `${JSON.stringify({ source, date, roles }, null, 2)}\n`);
