import { invalid } from "./github-error.ts";

type Body = Readonly<Record<string, unknown>>;

/** A field of a kind of thing, such as `Deployment.ref`. */
type Place = `${string}.${string}`;

/** The longest description, in characters. Source: https://docs.github.com/rest/deployments/statuses#create-a-deployment-status */
const DESCRIPTION_LENGTH_MAX = 140;

/** A text of a body; empty where it is left out. @throws GithubError for what is no text. */
export function textIn(body: Body, place: Place): string {
  const value = body[fieldOf(place)] ?? "";
  if (typeof value !== "string") {
    throw refused(place, "is not a string");
  }
  return value;
}

/** The description. @throws GithubError for one that is too long. */
export function descriptionIn(body: Body, resource: string): string {
  const place: Place = `${resource}.description`;
  const description = textIn(body, place);
  if (description.length > DESCRIPTION_LENGTH_MAX) {
    throw refused(place, `is too long (maximum is ${DESCRIPTION_LENGTH_MAX} characters)`);
  }
  return description;
}

/** A truth of a body. @throws GithubError for what is none. */
export function truthIn(body: Body, place: Place, fallback: boolean): boolean {
  const value = body[fieldOf(place)] ?? fallback;
  if (typeof value !== "boolean") {
    throw refused(place, "is not a boolean");
  }
  return value;
}

/** One of some words. @throws GithubError for another one. */
export function wordIn<Word extends string>(
  body: Body,
  place: Place,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === body[fieldOf(place)]);
  if (found === undefined) {
    throw refused(place, "is not included in the list");
  }
  return found;
}

/** An address, or nothing. @throws GithubError for one that is not of HTTP. */
export function addressIn(body: Body, place: Place): string {
  const url = textIn(body, place);
  if (url !== "" && !/^https?:\/\/\S+$/.test(url)) {
    throw refused(place, "must use http(s) scheme");
  }
  return url;
}

function fieldOf(place: Place): string {
  return place.split(".")[1] ?? "";
}

function refused(place: Place, why: string): Error {
  const field = fieldOf(place);
  return invalid(place.split(".")[0] ?? "", field, `${field} ${why}`);
}
