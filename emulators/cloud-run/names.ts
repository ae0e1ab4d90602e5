import { badRequest, type GoogleError, googleError } from "../kit/google-error.ts";

/** Fewer than 50 characters, a letter first, no hyphen last. */
const ID = /^[a-z](?:[-a-z0-9]{0,47}[a-z0-9])?$/;

/** The wildcard that stands for every parent in a list call. */
export const ANY = "-";

/** The project and location that any resource name starts with. */
export function placeOf(name: string): { readonly project: string; readonly location: string } {
  const [, project = "", , location = ""] = name.split("/");
  return { project, location };
}

/** The last segment of a resource name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/**
 * Checks the name in a field against a pattern such as `projects/*\/locations/*` and returns it.
 * @throws GoogleError INVALID_ARGUMENT when it does not match.
 */
export function checkName(field: string, name: string, pattern: string): string {
  const segments = name.split("/");
  const wanted = pattern.split("/");
  const matches =
    segments.length === wanted.length &&
    wanted.every((one, at) => (one === "*" ? segments[at] !== "" : one === segments[at]));
  if (!matches) {
    throw badRequest(field, `${field} must match ${pattern}, not "${name}"`);
  }
  return name;
}

/**
 * Checks the id of a new service or job.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
 * @throws GoogleError INVALID_ARGUMENT when it is not a valid id.
 */
export function checkId(field: string, id: string): string {
  if (!ID.test(id)) {
    throw badRequest(
      field,
      `${field} "${id}" must use only lowercase letters, digits and hyphens, begin with a letter, not end with a hyphen and be shorter than 50 characters`,
    );
  }
  return id;
}

/** The refusal of a name that nothing has. `type` is such as `Service`. */
export function notFound(type: string, name: string): GoogleError {
  const { project, location } = placeOf(name);
  return googleError(
    "NOT_FOUND",
    `Resource '${idOf(name)}' of kind '${type.toUpperCase()}' in region '${location}' in project '${project}' does not exist.`,
  );
}
