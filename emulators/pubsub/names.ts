import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";

/** The kinds of thing that have a name here. */
export type Collection = "topics" | "subscriptions";

/** What a subscription's `topic` says once its topic was deleted. */
export const DELETED_TOPIC = "_deleted-topic_";

/**
 * Checks the full name of a new topic or subscription and returns it.
 * Source: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
 * @throws GoogleError INVALID_ARGUMENT when a project may not have a thing of this name.
 */
export function checkName(name: string | undefined, collection: Collection): string {
  const id = /^projects\/[^/]+\/(?<collection>[a-z]+)\/(?<id>[^/]+)$/u.exec(name ?? "")?.groups;
  const isValid =
    id?.["collection"] === collection && /^(?!goog)[A-Za-z][\w.~+%-]{2,254}$/u.test(id["id"] ?? "");
  if (name === undefined || !isValid) {
    throw badRequest("name", `Invalid resource name given (name=${name ?? ""}).`);
  }
  return name;
}

/** The last part of a full name. */
export function toId(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The project id in a full name; empty when there is none. */
export function toProject(name: string): string {
  return name.split("/")[1] ?? "";
}

/** The refusal for a thing that does not exist. */
export function notFound(name: string): GoogleError {
  return googleError("NOT_FOUND", `Resource not found (resource=${toId(name)}).`);
}

/** The refusal for a thing that exists already. */
export function alreadyExists(name: string): GoogleError {
  return googleError(
    "ALREADY_EXISTS",
    `Resource already exists in the project (resource=${toId(name)}).`,
  );
}
