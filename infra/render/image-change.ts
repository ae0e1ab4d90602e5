import type { Environment, Service } from "../../shared/domain/service.ts";
import { IMAGE_PARAMETER } from "../../shared/adapters/cloud-deploy-release.ts";

/*
 * A release that changes the image and nothing else. Cloud Deploy's own Cloud Run target replaces the whole
 * service by what was rendered when the release was made; so these releases go to a custom target, whose action
 * changes the image at the moment of the rollout and leaves whatever the service is by then.
 * Source: https://cloud.google.com/deploy/docs/custom-targets
 */

/** The custom target type of such releases, and the action in their archive that it runs. */
export const IMAGE_TARGET_TYPE = "slipway-image";
/** The name of the deploy action. */
export const IMAGE_ACTION = "slipway-change-image";

/** Google's image with gcloud. Source: https://cloud.google.com/sdk/docs/downloads-docker */
const GCLOUD_IMAGE = "gcr.io/google.com/cloudsdktool/google-cloud-cli:stable";

const PREFIX = "customTarget/";
const PARAMETERS = { project: "project", region: "region", name: "name" } as const;

/** What the action is told of a target, as deploy parameters. */
export function imageTargetParameters({
  project,
  region,
  runService,
}: Environment): Readonly<Record<string, string>> {
  return {
    [`${PREFIX}${PARAMETERS.name}`]: runService,
    [`${PREFIX}${PARAMETERS.project}`]: project,
    [`${PREFIX}${PARAMETERS.region}`]: region,
  };
}

/** The custom action of a service or a job, as `skaffold.yaml` has it. */
export function toImageAction({ kind }: Service): object {
  return {
    name: IMAGE_ACTION,
    containers: [
      {
        name: "gcloud",
        image: GCLOUD_IMAGE,
        command: ["/bin/bash"],
        args: ["-c", scriptOf(kind === "job" ? "jobs" : "services")],
      },
    ],
  };
}

/**
 * Parameters under `customTarget/` are variables of the action. The service must be there: one that is not would
 * be made without an account, variables and network. All traffic goes to the new revision, wherever it was pinned.
 * Source: https://cloud.google.com/sdk/gcloud/reference/run/services/update
 */
function scriptOf(kind: "services" | "jobs"): string {
  const { project, region, name } = PARAMETERS;
  const place = `--project=${variable(project)} --region=${variable(region)} --quiet`;
  const image = variable(IMAGE_PARAMETER.slice(PREFIX.length));
  return [
    "set -euo pipefail",
    `gcloud run ${kind} update ${variable(name)} ${place} --image=${image}`,
    ...(kind === "services"
      ? [`gcloud run services update-traffic ${variable(name)} ${place} --to-latest`]
      : []),
    `echo '{"resultStatus": "SUCCEEDED"}' > results.json`,
    'gcloud storage cp results.json "$CLOUD_DEPLOY_OUTPUT_GCS_PATH/results.json"',
    "",
  ].join("\n");
}

function variable(parameter: string): string {
  return `"$CLOUD_DEPLOY_customTarget_${parameter}"`;
}

/** What Cloud Deploy shows as rendered: the name and the image, by digest once it is filled in. */
export function toImageManifest(service: Service, environment: Environment): object {
  const metadata = { name: environment.runService };
  const pod = { containers: [{ image: service.image }] };
  return service.kind === "job"
    ? {
        apiVersion: "run.googleapis.com/v1",
        kind: "Job",
        metadata,
        spec: { template: { spec: { template: { spec: pod } } } },
      }
    : {
        apiVersion: "serving.knative.dev/v1",
        kind: "Service",
        metadata,
        spec: { template: { spec: pod } },
      };
}
