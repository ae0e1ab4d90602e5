import { permissionDenied } from "../kit/access/guard.ts";
import { actAs, type Need } from "../kit/access/rules.ts";
import { toGoogleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { DeployRequest } from "../kit/runtime.ts";
import { isRunJob, resourceName } from "./manifest.ts";
import type { Target } from "./resources.ts";
import type { World } from "./world.ts";

/**
 * Checks that the account as which a target renders or deploys may do what that takes, where callers are checked. One
 * that is not named is the default account, of which nothing is known here.
 * Source: https://cloud.google.com/deploy/docs/cloud-deploy-service-account#execution_service_account
 * @throws GoogleError PERMISSION_DENIED that names the permission
 */
export function checkAccount(
  { access }: World,
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
  if (access === null || account === "") {
    return;
  }
  const member = `serviceAccount:${account}`;
  const missing = needed.find((need) => !access.allows({ member, ...need }));
  if (missing !== undefined) {
    throw permissionDenied(missing, service);
  }
}

/** Why the account that renders for a target may not read the archive, `gs://BUCKET/OBJECT`; null when it may. */
export function renderRefusal(world: World, target: Target, archive: string): string | null {
  const [, bucket = ""] = /^gs:\/\/([^/]+)/.exec(archive) ?? [];
  const resource = `projects/_/buckets/${bucket}`;
  const needed = [{ permission: "storage.objects.get", resource }];
  try {
    checkAccount(world, target, { usage: "RENDER", needed, service: "storage.googleapis.com" });
    return null;
  } catch (error) {
    return toGoogleError(error).message;
  }
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
export function needsOfDeploy(
  { project, location, manifest }: DeployRequest,
  isThere: boolean,
): readonly Need[] {
  if (!isRecord(manifest)) {
    return [];
  }
  const kind = isRunJob(manifest) ? "jobs" : "services";
  const place = `projects/${project}/locations/${location}`;
  const resource = `${place}/${kind}/${resourceName(manifest)}`;
  const change = isThere ? "update" : "create";
  return [
    { permission: `run.${kind}.${change}`, resource },
    { permission: `run.${kind}.get`, resource },
    { permission: "run.operations.get", resource: place },
    ...(letsEverybodyIn(manifest) ? policyOf(resource) : []),
    ...imagesIn(manifest).flatMap(readImage),
    ...actAs(accountIn(manifest)),
  ];
}

/** Whether a manifest switches the check of callers off, which counts as a change of the policy. */
function letsEverybodyIn({ metadata }: Readonly<Record<string, unknown>>): boolean {
  const annotations = isRecord(metadata) ? metadata["annotations"] : undefined;
  return isRecord(annotations) && annotations["run.googleapis.com/invoker-iam-disabled"] === "true";
}

function policyOf(resource: string): readonly Need[] {
  return ["getIamPolicy", "setIamPolicy"].map((verb) => ({
    permission: `run.services.${verb}`,
    resource,
  }));
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

/** The images of a manifest's containers, however deep they are. */
function imagesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.flatMap(imagesIn);
  }
  return isRecord(value)
    ? Object.entries(value).flatMap(([key, each]) =>
        key === "image" && typeof each === "string" ? [each] : imagesIn(each),
      )
    : [];
}

/**
 * What a call of gcloud takes that gives a service or a job another image, or sends traffic to it. It waits for a
 * service by its operation, and for a job by reading it.
 * Source: https://cloud.google.com/sdk/gcloud/reference/run/services/update and command_lib/run of gcloud 528
 */
export function needsOfChange(name: string): readonly Need[] {
  const [, project = "", , location = "", kind = "services"] = name.split("/");
  const place = `projects/${project}/locations/${location}`;
  return [
    ...["get", "update"].map((verb) => ({ permission: `run.${kind}.${verb}`, resource: name })),
    ...(kind === "services" ? [{ permission: "run.operations.get", resource: place }] : []),
  ];
}

/** The account that a manifest names, however deep its template is. */
function accountIn(manifest: Readonly<Record<string, unknown>>): string | undefined {
  let spec: unknown = manifest["spec"];
  while (isRecord(spec)) {
    const { serviceAccountName, template } = spec;
    if (typeof serviceAccountName === "string") {
      return serviceAccountName;
    }
    spec = isRecord(template) ? template["spec"] : undefined;
  }
  return undefined;
}
