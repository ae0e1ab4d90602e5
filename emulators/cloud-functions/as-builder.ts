import type { CloudAccess } from "../kit/access/cloud-access.ts";
import { permissionDenied } from "../kit/access/guard.ts";
import { partsOf } from "./names.ts";
import type { FunctionRecord } from "./functions.ts";

const READ_SOURCE = { permission: "storage.objects.get", service: "storage.googleapis.com" };
const WRITE_LOG = { permission: "logging.logEntries.create", service: "logging.googleapis.com" };
const STORE_IMAGE = {
  permission: "artifactregistry.repositories.uploadArtifacts",
  service: "artifactregistry.googleapis.com",
};

/**
 * Checks that the account as which a function is built may do what a build does, where callers are checked: read the
 * source, write its log, store the container. The default account is one of which nothing is known here.
 * Source: https://cloud.google.com/functions/docs/securing/build-custom-sa
 * @throws GoogleError PERMISSION_DENIED that names the permission
 */
export function checkBuilder(
  access: CloudAccess | undefined,
  { name, buildConfig }: FunctionRecord,
): void {
  const { serviceAccount = "", dockerRepository = "" } = buildConfig;
  const account = serviceAccount.split("/").at(-1) ?? "";
  if (access === undefined || account === "") {
    return;
  }
  const member = `serviceAccount:${account}`;
  const project = `projects/${partsOf(name).project}`;
  const needed = [
    { ...READ_SOURCE, resource: project },
    { ...WRITE_LOG, resource: project },
    ...(dockerRepository === "" ? [] : [{ ...STORE_IMAGE, resource: dockerRepository }]),
  ];
  const missing = needed.find(
    ({ permission, resource }) => !access.allows({ member, permission, resource }),
  );
  if (missing !== undefined) {
    throw permissionDenied(missing, missing.service);
  }
}
