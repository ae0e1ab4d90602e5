import { z } from "zod";
import { show } from "./explain-issue.ts";
import { text } from "./fields.ts";
import { didYouMean } from "./nearest.ts";

/** The tag that type manual deploys when it has no block of its own. */
const MANUAL_TAG_DEFAULT = "insiders";

/** How images reach an environment, with upstream's defaults. */
export type DeploySpec =
  | { readonly type: "rollout" }
  | { readonly type: "manual"; readonly tag: string }
  | { readonly type: "subscription"; readonly tag: string };

/** How images reach an environment. */
export const DeploySection = z
  .object({
    type: z
      .enum(["manual", "subscription", "rollout"])
      .describe(
        "rollout: through the stages of the pipeline; subscription: follows a tag; manual: only when asked.",
      ),
    manual: z
      .object({
        tag: text(
          "The tag whose image somebody who names no release gets: the digest that it is on at that moment.",
        ).default(""),
      })
      .describe("For type manual: the tag is insiders when this block is left out.")
      .optional(),
    subscription: z
      .object({
        tag: text("The tag to follow: each push of it is deployed, by digest.").default(""),
      })
      .describe("For type subscription.")
      .optional(),
  })
  .meta({ title: "Deploy", description: "How images reach the environment." })
  .transform((deploy): DeploySpec => {
    if (deploy.type === "subscription") {
      return { type: deploy.type, tag: deploy.subscription?.tag ?? "" };
    }
    // Upstream's default is for a missing block only: `manual: {}` has an empty tag.
    return deploy.type === "manual"
      ? { type: deploy.type, tag: deploy.manual?.tag ?? MANUAL_TAG_DEFAULT }
      : { type: deploy.type };
  });

/** The regions that upstream allows (EnvironmentLocationsSpec of its environment.go). */
const REGIONS = [
  "us-central1",
  "us-west1",
  "asia-northeast1",
  "australia-southeast1",
  "europe-west2",
  "europe-west3",
  "northamerica-northeast1",
];
const LOCATIONS = ["us", "europe"];
const REGION_DEFAULT = "us-central1";
const LOCATION_DEFAULT = "US";

/** Where an environment's resources are. */
export const LocationsSection = z
  .object({
    gcpRegion: text("The region of the service.", (region) =>
      REGIONS.includes(region)
        ? null
        : `must be one of ${REGIONS.join(", ")}, not ${show(region)}${didYouMean(region, REGIONS)}`,
    ).meta({ enum: REGIONS }),
    gcpLocation: text(
      "The multi-region of the data that upstream's Terraform makes: us or europe, in any case.",
      (location) =>
        LOCATIONS.includes(location.toLowerCase())
          ? null
          : `must be one of ${LOCATIONS.join(", ")}, not ${show(location)}`,
    ).meta({ examples: LOCATIONS }),
  })
  .meta({
    title: "Locations",
    description: "Where it runs: both keys, or neither for us-central1 and US.",
  })
  .default({ gcpRegion: REGION_DEFAULT, gcpLocation: LOCATION_DEFAULT });
