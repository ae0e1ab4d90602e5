import { z } from "zod";
import { filled, flag, text } from "./fields.ts";

const IMAGE_TAG_DEFAULT = "insiders";
const STAGES_MAX = 20;

/** The order in which a release goes through the environments. */
export const RolloutSection = z
  .object({
    stages: z
      .array(
        z
          .object({ environment: filled("The environment's id.") })
          .meta({ title: "Stage", description: "An environment's place in the order." }),
      )
      .max(STAGES_MAX)
      .default([])
      .describe("The environments in the order of promotion: one or more."),
    suspended: flag(
      "Whether the stages are held: nothing is promoted into them; rollbacks stay possible, and environments outside the stages go on.",
    ).default(false),
    serviceAccount: text(
      "The address of a service account that may make releases, such as the build's.",
    ).optional(),
    initialImageTag: text(
      "The tag that upstream's Terraform deploys first, insiders when left out; Slipway deploys what is pushed.",
    ).default(IMAGE_TAG_DEFAULT),
  })
  .meta({
    title: "Rollout",
    description:
      "The order in which a release goes through the environments of deploy type rollout.",
  });
