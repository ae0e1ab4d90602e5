import { badRequest } from "../kit/google-error.ts";

/** Where services and jobs live. */
type Place = { readonly project: string; readonly location: string };

const PARENT = /^projects\/([^/]+)\/locations\/([^/]+)$/;

/** Fewer than 50 characters, a letter first, no hyphen last. */
const ID = /^[a-z](?:[-a-z0-9]{0,47}[a-z0-9])?$/;

/** The wildcard that stands for every parent in a list call. */
export const ANY = "-";

/**
 * Reads `projects/P/locations/L`.
 * @throws GoogleError INVALID_ARGUMENT when it is not of that form.
 */
export function parsePlace(parent: string | undefined): Place {
  const match = PARENT.exec(parent ?? "");
  if (match === null) {
    throw badRequest(
      "parent",
      `parent must be projects/{project}/locations/{location}, not "${parent ?? ""}"`,
    );
  }
  const [, project = "", location = ""] = match;
  return { project, location };
}

/** Writes `projects/P/locations/L`. */
export function placeName(place: Place): string {
  return `projects/${place.project}/locations/${place.location}`;
}

/** The project and location that any resource name starts with. */
export function placeOf(name: string): Place {
  const [, project = "", , location = ""] = name.split("/");
  return { project, location };
}

/** The last segment of a resource name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/**
 * Checks a resource name against a pattern such as `projects/ * /locations/ * /services/ *` (without
 * the spaces) and returns it.
 * @throws GoogleError INVALID_ARGUMENT when it does not match.
 */
export function checkName(name: string | undefined, pattern: string): string {
  const segments = (name ?? "").split("/");
  const wanted = pattern.split("/");
  const matches =
    segments.length === wanted.length &&
    segments.every((segment, index) =>
      wanted[index] === "*" ? segment !== "" : segment === wanted[index],
    );
  if (!matches) {
    throw badRequest("name", `name must match ${pattern}, not "${name ?? ""}"`);
  }
  return segments.join("/");
}

/**
 * Checks the id of a new service or job.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/create
 * @throws GoogleError INVALID_ARGUMENT when it is not a valid id.
 */
export function checkId(field: string, id: string | undefined): string {
  if (id === undefined || !ID.test(id)) {
    throw badRequest(
      field,
      `${field} "${id ?? ""}" must use only lowercase letters, digits and hyphens, begin with a letter, not end with a hyphen and be shorter than 50 characters`,
    );
  }
  return id;
}

/** Whether a name matches a parent in which `-` stands for anything. */
export function isChildOf(name: string, parent: string): boolean {
  const wanted = parent.split("/");
  const segments = name.split("/");
  return (
    segments.length > wanted.length &&
    wanted.every((segment, index) => segment === ANY || segment === segments[index])
  );
}
