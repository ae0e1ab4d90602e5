import { googleError } from "../kit/google-error.ts";
import type { Refusals } from "../kit/collection-fields.ts";
import { idOf, type Naming } from "../kit/collection-names.ts";

/** The project and location that any resource name starts with. */
export function placeOf(name: string): { readonly project: string; readonly location: string } {
  const [, project = "", , location = ""] = name.split("/");
  return { project, location };
}

/**
 * The ids of services and jobs.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
 */
export const IDS: Naming["ids"] = {
  pattern: /^[a-z](?:[-a-z0-9]{0,47}[a-z0-9])?$/,
  rule: "shorter than 50 characters, of lowercase letters, digits and hyphens, with a letter first and no hyphen last",
};

/** How Cloud Run says that something is not there, or there already. */
export const REFUSALS = {
  notFound: (name) => {
    const { project, location } = placeOf(name);
    const kind = name.split("/").at(-2)?.slice(0, -1).toUpperCase() ?? "";
    return googleError(
      "NOT_FOUND",
      `Resource '${idOf(name)}' of kind '${kind}' in region '${location}' in project '${project}' does not exist.`,
    );
  },
  taken: (name) => googleError("ALREADY_EXISTS", `Resource '${idOf(name)}' already exists.`),
} satisfies Partial<Refusals>;
