import type { CustomTargetType, Texts } from "./configuration.ts";
import { idOf } from "./names.ts";

/*
 * The custom target of Sourcegraph's Managed Services Platform: its action runs one
 * `gcloud run deploy <serviceID>-<target> --image=<image>:<tag>` in the project of the parameters and the
 * region of the pipeline.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform, deliverypipeline)
 */

/** What one deploy of that target does. */
export type RunImageDeploy = {
  readonly project: string;
  readonly service: string;
  /** `image:tag`; a tag of the form `tag@sha256:…` gives `image:tag@sha256:…`. */
  readonly image: string;
};

const TYPE_ID = "cloud-run-service";
const PARAMETERS = ["serviceID", "image", "projectID", "tag"] as const;

/** Whether a custom target type is the platform's. */
export function isRunImageType(type: CustomTargetType): boolean {
  return idOf(type.name) === TYPE_ID;
}

/** The first parameter that such a target needs and does not have, or undefined. */
export function missingParameter(parameters: Texts): string | undefined {
  return PARAMETERS.map((name) => `customTarget/${name}`).find(
    (key) => (parameters[key] ?? "") === "",
  );
}

/** What to deploy to a target with these parameters. */
export function toRunImageDeploy(targetId: string, parameters: Texts): RunImageDeploy {
  const [serviceId, image, project, tag] = PARAMETERS.map(
    (name) => parameters[`customTarget/${name}`] ?? "",
  );
  return {
    project: project ?? "",
    service: `${serviceId ?? ""}-${targetId}`,
    image: `${image ?? ""}:${tag ?? ""}`,
  };
}
