import { createHash } from "node:crypto";

/** A function's place and id. */
export type FunctionName = {
  readonly project: string;
  readonly location: string;
  readonly id: string;
};

/** The parts of `projects/P/locations/L/functions/F`. */
export function partsOf(name: string): FunctionName {
  const [, project = "", , location = "", , id = ""] = name.split("/");
  return { project, location, id };
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

/** The revision of a function's deployment of that number, such as `NAME-00001-abc`. */
export function revisionOf(name: string, deployment: number): string {
  const number = String(deployment).padStart(5, "0");
  return `${partsOf(name).id}-${number}-${lettersOf(`${name} ${number}`, 3)}`;
}

/** Letters made of a text; the same text gives the same ones. */
function lettersOf(text: string, count: number): string {
  const bytes = createHash("sha256").update(text).digest();
  return [...bytes.subarray(0, count)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
