import { createHash } from "node:crypto";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";
import type { Projects } from "./projects.ts";

/** What projects have that goes by a name. */
export type Collection = "alertPolicies" | "notificationChannels" | "alerts";

const PROJECT = /^projects\/[^/]+$/;
const RESOURCE = /^projects\/[^/]+\/(alertPolicies|notificationChannels|alerts)\/[^/]+$/;

/**
 * Reads `projects/P`; returns it with the project's id.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function parseProject(projects: Projects, name: string | undefined): string {
  if (name === undefined || !PROJECT.test(name)) {
    throw badRequest("name", `Name must be projects/{project_id}, got: ${name ?? ""}`);
  }
  return `projects/${projects.toId(projectOf(name))}`;
}

/**
 * Reads the name of something in a project; returns it with the project's id.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function parseName(
  projects: Projects,
  collection: Collection,
  name: string | undefined,
): string {
  if (name === undefined || RESOURCE.exec(name)?.[1] !== collection) {
    throw badRequest(
      "name",
      `Name must begin with 'projects/{project_id}/${collection}/{id}', got: ${name ?? ""}`,
    );
  }
  const [, project = "", , id = ""] = name.split("/");
  return `projects/${projects.toId(project)}/${collection}/${id}`;
}

/** The project id in a name. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

/** Whether something is in `projects/P`. */
export function isIn(project: string): (thing: { readonly name: string }) => boolean {
  return ({ name }) => name.startsWith(`${project}/`);
}

/** A long number as the service gives out for ids, always the same for the same cause. */
export function numberFor(cause: string): string {
  const digest = createHash("sha256").update(cause).digest("hex");
  return String(BigInt(`0x${digest.slice(0, 16)}`));
}

/** An incident's id, always the same for the same cause. */
export function incidentIdFor(cause: string): string {
  const digest = createHash("sha256").update(cause).digest("hex");
  return `0.${BigInt(`0x${digest.slice(0, 15)}`)
    .toString(36)
    .padStart(12, "0")
    .slice(0, 12)}`;
}

/** The refusal for something that does not exist. */
export function notFound(what: string, name: string): GoogleError {
  return googleError("NOT_FOUND", `${what} ${name} not found.`);
}

/** The refusal of a field's value, in the words of the service. */
export function invalidField(field: string, value: unknown, why: string): GoogleError {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? "");
  return badRequest(field, `Field ${field} had an invalid value of "${text}": ${why}`);
}
