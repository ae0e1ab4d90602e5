import type { ImageChange } from "../kit/runtime.ts";
import { idOf, segmentOf } from "./names.ts";
import type { CustomTargetType, Release, Stage, Target, Texts } from "./resources.ts";

/*
 * The custom target of Sourcegraph's Managed Services Platform: its action runs one
 * `gcloud run deploy <serviceID>-<target> --image=<image>:<tag>` in the project of the parameters and the
 * region of the pipeline, whatever the environment's own is.
 * Source: https://github.com/sourcegraph/sourcegraph-public-snapshot (dev/managedservicesplatform, deliverypipeline)
 */

const TYPE_ID = "cloud-run-service";
const PARAMETERS = ["serviceID", "image", "projectID", "tag"].map((name) => `customTarget/${name}`);

/** Whether a custom target type is the platform's. */
export function isPlatformType(type: CustomTargetType): boolean {
  return idOf(type.name) === TYPE_ID;
}

/** The first parameter that such a target needs and does not have, or undefined. */
export function missingParameter(parameters: Texts): string | undefined {
  return PARAMETERS.find((key) => (parameters[key] ?? "") === "");
}

/** What to deploy to such a target. A tag of the form `tag@sha256:…` gives `image:tag@sha256:…`. */
export function platformChange(
  release: Release,
  { targetId }: Target,
  parameters: Texts,
): ImageChange {
  const [serviceId = "", image = "", project = "", tag = ""] = PARAMETERS.map(
    (key) => parameters[key],
  );
  const location = segmentOf(release.name, "locations") ?? "";
  const name = `projects/${project}/locations/${location}/services/${serviceId}-${targetId}`;
  return { kind: "service", name, image: `${image}:${tag}`, createMissing: true };
}

/**
 * The deploy parameters of one target of a release. Of a key in several places the release's value wins
 * over the stage's, and the stage's over the target's; the order is unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/parameters
 */
export function parametersOf(
  release: Release,
  { deployParameters = [] }: Stage,
  target: Target,
): Texts {
  const stages = deployParameters.map(({ values }) => values);
  const sources = [target.deployParameters, ...stages, release.deployParameters];
  return Object.fromEntries(sources.flatMap((source) => Object.entries(source ?? {})));
}
