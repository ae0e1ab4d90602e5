import { createHash } from "node:crypto";
import { invalidField, missingField } from "./refusal.ts";

const ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const CLUSTER = /^projects\/[^/]+\/(?:locations|zones)\/[^/]+\/clusters\/[^/]+$/;

/**
 * Checks the id of a new resource.
 * @throws GoogleError INVALID_ARGUMENT when it is missing or not of the form that the API asks for.
 */
export function checkId(field: string, id: string | undefined): string {
  if (id === undefined || id === "") {
    throw missingField(field);
  }
  if (!ID.test(id)) {
    throw invalidField(
      field,
      "1 to 63 lower-case letters, numbers and dashes, starting with a letter and not ending with a dash",
    );
  }
  return id;
}

/**
 * Checks the name of a cluster.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkCluster(cluster: string | undefined): string {
  if (cluster === undefined || cluster === "") {
    throw missingField("cluster");
  }
  if (!CLUSTER.test(cluster)) {
    throw invalidField("cluster", "a cluster's name, projects/*/locations/*/clusters/*");
  }
  return cluster;
}

/** `projects/P/locations/L` of a name. */
export function placeOf(name: string): string {
  return name.split("/").slice(0, 4).join("/");
}

/** The project of a name. */
export function projectOf(name: string): string {
  return name.split("/")[1] ?? "";
}

/** Whether a name is directly in a collection of a parent, each part of which may be `-` for any. */
export function isChildOf(name: string, parent: string): boolean {
  const own = name.split("/");
  const parts = parent.split("/");
  return (
    own.length === parts.length + 2 &&
    parts.every((part, index) => part === "-" || part === own[index])
  );
}

/** A UUID made of a text; the same text gives the same one. */
export function uidFor(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join("-");
}

/** The etag of a version of a resource. */
export function etagFor({
  uid,
  version,
}: {
  readonly uid: string;
  readonly version: number;
}): string {
  return createHash("sha256").update(`${uid} ${version}`).digest("hex").slice(0, 16);
}
