import { permissionDenied } from "../kit/access/guard.ts";
import { actAs, type Need } from "../kit/access/rules.ts";
import { type Manifest, textsOf } from "./manifest.ts";
import { locationOf } from "./names.ts";
import type { Target } from "./resources.ts";
import type { World } from "./world.ts";

/**
 * Checks that the account as which a target renders or deploys may do what that takes, where callers are checked. One
 * that is not named is the default account, of which nothing is known here.
 * Source: https://cloud.google.com/deploy/docs/cloud-deploy-service-account#execution_service_account
 * @throws GoogleError PERMISSION_DENIED that names the permission
 */
export function checkAccount(
  { keeper: { access } }: World,
  { executionConfigs = [] }: Target,
  wanted: {
    readonly usage: "RENDER" | "DEPLOY";
    readonly needed: readonly Need[];
    /** The API that is called, such as `run.googleapis.com`. */
    readonly service: string;
  },
): void {
  const { usage, needed, service } = wanted;
  const config = executionConfigs.find(({ usages = [] }) => usages.includes(usage));
  const account = config?.serviceAccount ?? "";
  if (access === undefined || account === "") {
    return;
  }
  const member = `serviceAccount:${account}`;
  const missing = needed.find((need) => !access.allows({ member, ...need }));
  if (missing !== undefined) {
    throw permissionDenied(missing, service);
  }
}

/** What it takes to render an archive, `gs://BUCKET/OBJECT`. */
export function needsOfRender(archive: string): readonly Need[] {
  const [, , bucket = ""] = archive.split("/");
  return [{ permission: "storage.objects.get", resource: `projects/_/buckets/${bucket}` }];
}

/**
 * What it takes to bring a service or a job to Cloud Run: to look for it, to make it where it is not there and to replace
 * it where it is, to wait for it, to act as the account that it runs as, to read its image, and to change its policy
 * where it lets everybody in.
 * Source: pkg/skaffold/deploy/cloudrun of https://github.com/GoogleContainerTools/skaffold,
 * https://cloud.google.com/run/docs/reference/iam/roles#additional-configuration,
 * https://cloud.google.com/run/docs/deploying#required-roles and
 * https://cloud.google.com/run/docs/securing/managing-access#invoker_check
 */
export function needsOfDeploy(manifest: Manifest, name: string, isThere: boolean): readonly Need[] {
  const { place, kind } = partsOf(name);
  const [isOpen] = textsOf(manifest["metadata"], "run.googleapis.com/invoker-iam-disabled");
  const verbs = [
    isThere ? "update" : "create",
    "get",
    ...(isOpen === "true" ? ["getIamPolicy", "setIamPolicy"] : []),
  ];
  return [
    ...verbs.map((verb) => ({ permission: `run.${kind}.${verb}`, resource: name })),
    { permission: "run.operations.get", resource: place },
    ...textsOf(manifest, "image").flatMap(readImage),
    ...textsOf(manifest["spec"], "serviceAccountName").flatMap(actAs),
  ];
}

const REPOSITORY =
  /^(?<location>[a-z0-9-]+)-docker\.pkg\.dev\/(?<project>[^/]+)\/(?<repository>[^/:@]+)/;

/** Who deploys an image must be allowed to read it; one of another registry is anybody's. */
function readImage(image: string): readonly Need[] {
  const { location, project, repository } = REPOSITORY.exec(image)?.groups ?? {};
  return location === undefined
    ? []
    : [
        {
          permission: "artifactregistry.repositories.downloadArtifacts",
          resource: `projects/${project ?? ""}/locations/${location}/repositories/${repository ?? ""}`,
        },
      ];
}

/**
 * What a call of gcloud takes that gives a service or a job another image, or sends traffic to it. It waits for a
 * service by its operation, and for a job by reading it.
 * Source: https://cloud.google.com/sdk/gcloud/reference/run/services/update and command_lib/run of gcloud 528
 */
export function needsOfChange(name: string): readonly Need[] {
  const { place, kind } = partsOf(name);
  return [
    ...["get", "update"].map((verb) => ({ permission: `run.${kind}.${verb}`, resource: name })),
    ...(kind === "services" ? [{ permission: "run.operations.get", resource: place }] : []),
  ];
}

function partsOf(name: string): { readonly place: string; readonly kind: string } {
  return { place: locationOf(name), kind: name.split("/")[4] ?? "" };
}
