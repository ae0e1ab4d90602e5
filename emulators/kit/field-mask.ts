import { badRequest } from "./google-error.ts";
import { isRecord } from "./json.ts";

type Fields = Readonly<Record<string, unknown>>;

const PATH = /^[A-Za-z_][\w.\-/]*$/;

/**
 * Takes over from `patch` what the mask names and keeps the rest of `current`. Paths are separated by
 * commas, in camelCase or snake_case, and may be nested; a named field that the patch lacks is reset.
 * No mask, an empty one or `*` means every field that the patch has.
 * That a path exists in the API's message is checked by the server, which knows the type.
 * Source: https://google.aip.dev/134 and https://google.aip.dev/161
 * @throws GoogleError INVALID_ARGUMENT for a malformed path and for one that leads into a plain value.
 */
export function applyFieldMask<T extends object>(
  current: T,
  patch: T,
  mask: string | undefined,
): T {
  const paths = (mask ?? "").split(",").filter((path) => path !== "");
  if (paths.length === 0 || paths.includes("*")) {
    return { ...current, ...patch };
  }
  let result = toFields(current);
  for (const path of paths) {
    if (!PATH.test(path)) {
      throw badRequest("update_mask", `Invalid path in update_mask: "${path}"`);
    }
    result = take(result, toFields(patch), { path, names: path.split(".") });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every field comes from a T
  return result as T;
}

/** The name under which a mask's `some_field` is found in JSON; a key that is there as it is, stays. */
function toFieldName(name: string, ...records: readonly Fields[]): string {
  const isKey = records.some((record) => Object.hasOwn(record, name));
  return isKey
    ? name
    : name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function toFields(record: object): Fields {
  return Object.fromEntries(Object.entries(record));
}

type Step = { readonly path: string; readonly names: readonly string[] };

function take(current: Fields, patch: Fields, { path, names }: Step): Fields {
  const [first = "", ...rest] = names;
  const key = toFieldName(first, current, patch);
  if (rest.length === 0) {
    const { [key]: _dropped, ...others } = current;
    return patch[key] === undefined ? others : { ...current, [key]: patch[key] };
  }
  const inner = asFields(current[key], path);
  const innerPatch = asFields(patch[key], path);
  return { ...current, [key]: take(inner, innerPatch, { path, names: rest }) };
}

function asFields(value: unknown, path: string): Fields {
  if (value === undefined) {
    return {};
  }
  if (!isRecord(value)) {
    throw badRequest("update_mask", `update_mask leads into a field that has no fields: "${path}"`);
  }
  return value;
}
