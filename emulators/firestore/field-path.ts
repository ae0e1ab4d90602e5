import { googleError } from "../kit/google-error.ts";
import type { Fields, Value } from "./value.ts";

/** The names from a document down to one of its fields. */
export type FieldPath = readonly string[];

const SEGMENT = /(?:([a-zA-Z_][a-zA-Z_0-9]*)|`((?:[^`\\]|\\.)+)`)(\.|$)/y;

/**
 * Reads a field path as requests have it: names joined by dots, unusual ones in backticks.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/projects.databases.documents#Document
 * @throws GoogleError INVALID_ARGUMENT when it is none.
 */
export function parseFieldPath(text: string): FieldPath {
  const names: string[] = [];
  let open = true;
  SEGMENT.lastIndex = 0;
  while (open) {
    const match = SEGMENT.exec(text);
    if (match === null) {
      throw googleError("INVALID_ARGUMENT", `Invalid property path "${text}".`);
    }
    names.push(match[1] ?? (match[2] ?? "").replace(/\\(.)/g, "$1"));
    open = match[3] === ".";
  }
  return names;
}

/**
 * The paths of a mask.
 * @throws GoogleError INVALID_ARGUMENT when one is no path, or has a name that nobody may use.
 */
export function parseMask(texts: readonly string[]): readonly FieldPath[] {
  const paths = texts.map(parseFieldPath);
  const odd = paths.findIndex((path) =>
    path.length > 1 || path[0] !== "__name__" ? path.some(isReserved) : false,
  );
  if (odd !== -1) {
    throw googleError(
      "INVALID_ARGUMENT",
      `Invalid reserved name in field path ${texts[odd] ?? ""}`,
    );
  }
  return paths;
}

function isReserved(name: string): boolean {
  return /^__.*__$/s.test(name);
}

/** The value at a path, or undefined when there is none. */
export function valueAt(fields: Fields, path: FieldPath): Value | undefined {
  let value: Value = { mapValue: { fields } };
  for (const name of path) {
    const inner = value.mapValue?.fields;
    const next = inner !== undefined && Object.hasOwn(inner, name) ? inner[name] : undefined;
    if (next === undefined) {
      return undefined;
    }
    value = next;
  }
  return value;
}

/** The fields with another value at a path; `undefined` takes the field away. */
export function withValueAt(fields: Fields, path: FieldPath, value: Value | undefined): Fields {
  const [name = "", ...rest] = path;
  const { [name]: current, ...others } = fields;
  if (rest.length === 0) {
    return value === undefined ? others : { ...fields, [name]: value };
  }
  if (value === undefined && current?.mapValue === undefined) {
    return fields;
  }
  const inner = withValueAt(current?.mapValue?.fields ?? {}, rest, value);
  return { ...fields, [name]: { mapValue: { fields: inner } } };
}

/** Only the fields at the given paths. */
export function selectFields(fields: Fields, paths: readonly FieldPath[]): Fields {
  let selected: Fields = {};
  for (const path of paths) {
    const value = valueAt(fields, path);
    if (value !== undefined) {
      selected = withValueAt(selected, path, value);
    }
  }
  return selected;
}
