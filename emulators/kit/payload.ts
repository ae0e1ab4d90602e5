import { badRequest, type GoogleError } from "./google-error.ts";

/** Where in a request a value stands, and what its type is, for the message about a wrong one. */
export type Place = { readonly path: string; readonly type: string };

/** What a caller sent is shown up to here: a refusal is not to be as long as what it refuses. */
const SHOWN_LENGTH_MAX = 200;

/** The refusal of a field that the API does not have, worded as Google's APIs word it. */
export function unknownName(name: string, path: string): GoogleError {
  return badRequest(path, `${received(name, path)}: Cannot find field.`);
}

/** The refusal of a list for a field that holds one value. */
export function notRepeating(name: string, path: string): GoogleError {
  return badRequest(
    path,
    `${received(name, path)}: Proto field is not repeating, cannot start list.`,
  );
}

/** The refusal of a second field of which only one may be set. */
export function alreadySet(oneof: string, name: string, path: string): GoogleError {
  const reason = `oneof field '${oneof}' is already set. Cannot set '${name}'`;
  return badRequest(path, `Invalid value at '${path}' (oneof), ${reason}`);
}

/** The refusal of a parameter that the API does not have. */
export function unknownParameter(name: string): GoogleError {
  const shown = shorten(name);
  const reason = `Cannot bind query parameter. Field '${shown}' could not be found in request message.`;
  return badRequest(shown, `${received(name, "")}: ${reason}`);
}

/** The scalars of protobuf, which Google's messages write in capitals. */
const SCALAR = /^(?:string|bool|bytes|float|double|s?fixed\d\d|[su]?int\d\d)$/;

/** The refusal of a value that is not of its field's type: a scalar such as `string`, or a message or enum by its name. */
export function invalidValue(json: unknown, { path, type }: Place): GoogleError {
  const shown = json instanceof Uint8Array ? "bytes" : shorten(JSON.stringify(json) ?? "");
  const message = type.includes(".") ? `type.googleapis.com/${type}` : type;
  const named = SCALAR.test(type) ? `TYPE_${type.toUpperCase()}` : message;
  return badRequest(path, `Invalid value at '${path}' (${named}), ${shown}`);
}

function received(name: string, path: string): string {
  const place = path === "" ? "" : ` at '${path}'`;
  return `Invalid JSON payload received. Unknown name "${shorten(name)}"${place}`;
}

function shorten(text: string): string {
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
