import { createHash } from "node:crypto";
import { badRequest } from "../kit/google-error.ts";

const PLACE = /^projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)$/;
const ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A function's place and id. */
export type FunctionName = {
  readonly project: string;
  readonly location: string;
  readonly id: string;
};

/**
 * Checks a parent. `-` stands for any location.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkParent(parent: string | undefined): string {
  if (parent === undefined || !PLACE.test(parent)) {
    throw badRequest("parent", "The parent has the form projects/*/locations/*");
  }
  return parent;
}

/**
 * Checks the id of a new function.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkId(id: string | undefined): string {
  if (id === undefined || !ID.test(id)) {
    throw badRequest(
      "function_id",
      "The function id has 1 to 63 lower-case letters, numbers and dashes, and starts with a letter",
    );
  }
  return id;
}

/** The parts of `projects/P/locations/L/functions/F`. */
export function partsOf(name: string): FunctionName {
  const [, project = "", , location = "", , id = ""] = name.split("/");
  return { project, location, id };
}

/** Whether a function is in a place, whose location may be `-`. */
export function isIn(name: string, parent: string): boolean {
  const own = name.split("/");
  return parent.split("/").every((part, at) => part === "-" || part === own[at]);
}

/** The function's own address. Source: https://cloud.google.com/run/docs/triggering/https-request */
export function urlOf(name: string): string {
  const { project, location, id } = partsOf(name);
  return `https://${location}-${project}.cloudfunctions.net/${id}`;
}

/** The addresses of its Cloud Run service: the one with a hash, which the API tells, and the one that can be known before. */
export function serviceUrls(name: string, number: string): readonly [string, string] {
  const { project, location, id } = partsOf(name);
  const hash = lettersOf(`${project}/${location}`, 10);
  return [
    `https://${id}-${hash}-${shortOf(location)}.a.run.app`,
    `https://${id}-${number}.${location}.run.app`,
  ];
}

/** `us-central1` is `uc`. */
function shortOf(location: string): string {
  const [area = "", place = ""] = location.split("-");
  return `${area.slice(0, 1)}${place.slice(0, 1)}`;
}

/** Letters made of a text; the same text gives the same ones. */
export function lettersOf(text: string, count: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, count)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
