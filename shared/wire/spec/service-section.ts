import { z } from "zod";
import { show } from "./explain-issue.ts";
import { filled, old, prose, text } from "./fields.ts";

/** Upstream's limit of `service.id`. */
const ID_LENGTH_MAX = 20;
const ID = /^[a-z0-9-]+$/;
/** Upstream takes no digit in the name of a role. */
const PREDEFINED_ROLE = /^roles\/[a-zA-Z.]+$/;
const CUSTOM_ROLE = /^(?:projects|organizations)\/[a-z0-9_-]+\/roles\/[a-zA-Z_.]+$/;

/** What the service is and who owns it. */
export const ServiceSection = z
  .object({
    id: text("The service's id: lower-case letters, digits and hyphens, at most 20.", (id) => {
      if (id === "") {
        return "must not be empty";
      }
      if (id.length > ID_LENGTH_MAX) {
        return `must have at most ${ID_LENGTH_MAX} characters, not ${id.length}`;
      }
      return ID.test(id)
        ? null
        : `may have only lower-case letters, digits and hyphens, not ${show(id)}`;
    }).meta({ pattern: ID.source, maxLength: ID_LENGTH_MAX }),
    name: text("A name for people; the id when left out.").optional(),
    owners: z
      .array(filled("An owner: the name of an on-call team."))
      .min(1)
      .describe("The teams that answer for the service: one or more."),
    description: prose("What the service does, in a sentence.").optional(),
    notionPageID: text(
      "The id of the page with the service's runbook.",
      complainAboutPage,
    ).optional(),
    kind: text("service (the default) or job.")
      .meta({ examples: ["service", "job"] })
      .default("service"),
    protocol: text("h2c for gRPC; HTTP when left out.")
      .meta({ examples: ["h2c"] })
      .optional(),
    iam: z
      .object({
        services: z
          .array(text("A Google API."))
          .default([])
          .describe("Google APIs that upstream's Terraform enables; Slipway enables none."),
        roles: z
          .array(text("A role.", complainAboutRole))
          .default([])
          .describe(
            "Roles that upstream's Terraform gives the service's account; Slipway gives none.",
          ),
        permissions: z
          .array(text("A permission."))
          .default([])
          .describe(
            "Permissions that upstream's Terraform gives through a role; Slipway gives none.",
          ),
      })
      .meta({ title: "Access of the service itself" })
      .optional(),
    envVarPrefix: old(
      text("A prefix of environment variables."),
      "it has no effect any more; remove it",
    ),
  })
  .meta({ title: "Service", description: "What the service is and who owns it." });

/** Where the image comes from. */
export const BuildSection = z
  .object({
    image: text(
      "The image's repository without a tag, such as region-docker.pkg.dev/project/repository/image.",
    ).optional(),
    source: z
      .object({
        repo: text(
          "The repository with the source, such as github.com/example/service.",
        ).optional(),
        dir: text("The folder in that repository.").optional(),
      })
      .meta({ title: "Source", description: "Where the source of the image lives." })
      .optional(),
  })
  .meta({ title: "Build", description: "Where the image comes from." });

function complainAboutPage(page: string): string | null {
  if (page === "") {
    return "must not be empty: give the page's id, or leave the key out";
  }
  if (page.includes(".notion.")) {
    return "must be the page's id, not its address";
  }
  return page.includes("?") ? 'must be the page\'s id alone, without "?" and what follows' : null;
}

function complainAboutRole(role: string): string | null {
  return PREDEFINED_ROLE.test(role) || CUSTOM_ROLE.test(role)
    ? null
    : `must be a role such as roles/run.viewer or projects/example/roles/name, without digits in its name, not ${show(role)}`;
}
