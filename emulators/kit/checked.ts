import type { z } from "zod";
import { badRequest, type GoogleError } from "./google-error.ts";
import { isRecord } from "./json.ts";
import { toSnakeCase } from "./field-names.ts";
import { invalidValue, notRepeating, unknownName } from "./payload.ts";

/**
 * A message of an API without descriptors, in the form of its schema. A field that is null counts as one that is not there.
 * `place` is the field of the request that holds it; without one it is the request.
 * @throws GoogleError INVALID_ARGUMENT that names the field at fault, as a message with descriptors is refused.
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  place = "",
): z.infer<Schema> {
  const parsed = schema.safeParse(withoutNulls(json), { reportInput: true });
  if (parsed.success) {
    return parsed.data;
  }
  throw toRefusal(parsed.error, place);
}

/** What schemas call by another name than protobuf. */
const TYPES: Readonly<Record<string, string>> = {
  boolean: "bool",
  int: "int32",
  number: "int32",
  object: "message",
  record: "map",
  array: "repeated",
};

/** As protobuf's JSON has it: https://protobuf.dev/programming-guides/json/ */
function withoutNulls(json: unknown): unknown {
  if (Array.isArray(json)) {
    return json.map(withoutNulls);
  }
  if (!isRecord(json)) {
    return json;
  }
  const entries = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([name, value]) => [name, withoutNulls(value)]));
}

function toRefusal({ issues }: z.ZodError, place: string): GoogleError {
  // What cannot be read at all comes before what is missing.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) {
    return badRequest(place, "Invalid value");
  }
  const path = toPath(place, issue.path);
  if (issue.code === "unrecognized_keys") {
    return unknownName(issue.keys[0] ?? "", path);
  }
  if (issue.code === "invalid_type") {
    return wrongType(issue, place);
  }
  return issue.code === "invalid_value"
    ? invalidValue(issue.input, { path, type: "enum" })
    : badRequest(path, `Invalid value at '${path}': ${issue.message}`);
}

function wrongType({ expected, input, path: names }: Wrong, place: string): GoogleError {
  const path = toPath(place, names);
  const last = names.at(-1);
  if (input === undefined) {
    return badRequest(path, `The field '${path}' is required.`);
  }
  return Array.isArray(input) && last !== undefined
    ? notRepeating(toSnakeCase(String(last)), toPath(place, names.slice(0, -1)))
    : invalidValue(input, { path, type: TYPES[expected] ?? expected });
}

type Wrong = Pick<z.core.$ZodIssueInvalidType, "expected" | "input" | "path">;

/** Where a field is, as refusals name it, such as `conditions[0].display_name`. */
export function toPath(place: string, names: readonly PropertyKey[]): string {
  return names.reduce<string>((path, name) => {
    const part = typeof name === "number" ? `[${name}]` : `.${toSnakeCase(String(name))}`;
    return path === "" ? part.replace(/^\./, "") : path + part;
  }, place);
}
