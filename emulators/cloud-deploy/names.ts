import { createHash } from "node:crypto";

import { badRequest } from "../kit/google-error.ts";

/** A project as it is known by both its names. */
export type Project = { readonly id: string; readonly number: string };

const NAME = /^projects\/[^/]+\/locations\/[^/]+(\/[A-Za-z]+\/[^/]+)*$/;

/** The last segment of a name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The name of what a resource is in. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}

/** What follows a collection in a name: `segmentOf(name, "releases")`; undefined when it is not in it. */
export function segmentOf(name: string, collection: string): string | undefined {
  const parts = name.split("/");
  const at = parts.indexOf(collection);
  return at === -1 ? undefined : parts[at + 1];
}

/** The name cut off after a collection's id: the pipeline of a rollout, the rollout of a job run. */
export function ancestorOf(name: string, collection: string): string {
  const parts = name.split("/");
  return parts.slice(0, parts.indexOf(collection) + 2).join("/");
}

/** `projects/P/locations/L` of a name. */
export function locationOf(name: string): string {
  return name.split("/").slice(0, 4).join("/");
}

/** Whether a name is below a parent, in which `-` stands for any one id. */
export function isBelow(name: string, parent: string): boolean {
  const parts = name.split("/");
  const wanted = parent.split("/");
  return (
    parts.length > wanted.length && wanted.every((part, at) => part === "-" || part === parts[at])
  );
}

/** A UUID that is always the same for the same cause. */
export function uuidOf(cause: string): string {
  const hex = createHash("sha256").update(cause).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/**
 * Names with the project's number, as the service stores and returns them. Requests have the id or the
 * number; an id that nobody told us about gets a number derived from it, and is remembered.
 * @throws GoogleError INVALID_ARGUMENT for what is not a name.
 */
export function canonicalName(projects: Map<string, string>, name: string | undefined): string {
  if (name === undefined || !NAME.test(name)) {
    throw badRequest("name", `Malformed name: "${name ?? ""}"`);
  }
  const [collection, project = "", ...rest] = name.split("/");
  return [collection, toNumber(projects, project), ...rest].join("/");
}

/** The project's id; a number that nobody named is its own id. */
export function projectId(projects: ReadonlyMap<string, string>, number: string): string {
  return projects.get(number) ?? number;
}

function toNumber(projects: Map<string, string>, project: string): string {
  if (/^\d+$/.test(project) || project === "-") {
    return project;
  }
  const known = [...projects].find(([, id]) => id === project);
  const number = known?.[0] ?? deriveNumber(project);
  projects.set(number, project);
  return number;
}

function deriveNumber(id: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(id).digest("hex").slice(0, 12)}`);
  return String(100_000_000_000n + (digits % 900_000_000_000n));
}
