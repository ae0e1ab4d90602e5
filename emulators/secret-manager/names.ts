import { createHash } from "node:crypto";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";

/** Project numbers by project id, as far as somebody set them. */
export type ProjectNumbers = Readonly<Record<string, string>>;

/** The name of a version: its secret, and a number, `latest` or an alias. */
export type VersionName = { readonly secret: string; readonly version: string };

const PARENT = /^projects\/[^/]+$/;
const SECRET = /^projects\/[^/]+\/secrets\/[^/]+$/;
const REGIONAL = /^projects\/[^/]+\/locations\//;
const VERSION = /^(.+)\/versions\/([^/]+)$/;
const SECRET_ID = /^[\w-]{1,255}$/;
const PROJECT_NUMBER = /^\d+$/;

/**
 * Reads `projects/P`, with the project's number.
 * @throws GoogleError INVALID_ARGUMENT when it is none, UNIMPLEMENTED for a location.
 */
export function parseParent(numbers: ProjectNumbers, parent: string | undefined): string {
  return parse(numbers, PARENT, { field: "parent", name: parent });
}

/**
 * Reads the name of a secret, with the project's number.
 * @throws GoogleError INVALID_ARGUMENT when it is none.
 */
export function parseSecretName(numbers: ProjectNumbers, name: string | undefined): string {
  return parse(numbers, SECRET, { field: "name", name });
}

/**
 * Reads the name of a version, with the project's number.
 * @throws GoogleError INVALID_ARGUMENT when it is none.
 */
export function parseVersionName(numbers: ProjectNumbers, name: string | undefined): VersionName {
  const match = VERSION.exec(name ?? "");
  if (match === null) {
    throw malformed("name", name);
  }
  const [, secret, version = ""] = match;
  return { secret: parseSecretName(numbers, secret), version };
}

/**
 * Checks the id of a new secret.
 * @throws GoogleError INVALID_ARGUMENT when a secret may not have it.
 */
export function checkSecretId(id: string | undefined): string {
  if (id === undefined || !SECRET_ID.test(id)) {
    throw badRequest(
      "secret_id",
      `The provided secret ID [${id ?? ""}] does not match the expected format [[a-zA-Z_0-9-]{1,255}]`,
    );
  }
  return id;
}

/** Whether a secret is in a project. */
export function isIn(parent: string): (secret: { readonly name: string }) => boolean {
  const prefix = `${parent}/secrets/`;
  return ({ name }) => name.startsWith(prefix);
}

/** The refusal for a secret that does not exist. */
export function secretNotFound(name: string): GoogleError {
  return googleError("NOT_FOUND", `Secret [${name}] not found.`);
}

function parse(
  numbers: ProjectNumbers,
  pattern: RegExp,
  { field, name }: { readonly field: string; readonly name: string | undefined },
): string {
  if (REGIONAL.test(name ?? "")) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement regional secrets.");
  }
  if (name === undefined || !pattern.test(name)) {
    throw malformed(field, name);
  }
  const [collection, project = "", ...rest] = name.split("/");
  return [collection, toNumber(numbers, project), ...rest].join("/");
}

/** The service's names carry the project's number, whichever of the two a caller has. */
function toNumber(numbers: ProjectNumbers, project: string): string {
  if (PROJECT_NUMBER.test(project)) {
    return project;
  }
  return Object.hasOwn(numbers, project)
    ? (numbers[project] ?? deriveNumber(project))
    : deriveNumber(project);
}

function deriveNumber(id: string): string {
  const digits = BigInt(`0x${createHash("sha256").update(id).digest("hex").slice(0, 12)}`);
  return String(100_000_000_000n + (digits % 900_000_000_000n));
}

function malformed(field: string, name: string | undefined): GoogleError {
  return badRequest(field, `Malformed ${field}: "${name ?? ""}"`);
}
