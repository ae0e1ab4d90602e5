import { createHash } from "node:crypto";
import type { Message } from "../kit/call.ts";
import { isRecord } from "../kit/json.ts";

/** A project as it is known by both its names. */
export type Project = { readonly id: string; readonly number: string };

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

/**
 * A name with the project's number, as the service stores and returns it. Requests have the id or the
 * number; an id that nobody told us about gets a number derived from it, and is remembered.
 */
export function canonicalName(projects: Map<string, string>, name: string): string {
  return name.replace(/^projects\/([^/]+)(?=\/)/, (_, project: string) => {
    return `projects/${toNumber(projects, project)}`;
  });
}

/** A request with its names and those of the resources in it made canonical. */
export function withNumbers(projects: Map<string, string>, message: Message): Message {
  return Object.fromEntries(
    Object.entries(message).map(([field, value]) => {
      if (typeof value === "string") {
        return [field, canonicalName(projects, value)];
      }
      return isRecord(value) && typeof value["name"] === "string"
        ? [field, { ...value, name: canonicalName(projects, value["name"]) }]
        : [field, value];
    }),
  );
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
