import type { FieldChange } from "../../../shared/domain/apply-plan.ts";
import { isObject } from "../resource.ts";
import type { Fields, Json } from "../resource.ts";

/**
 * The fields that are not as wanted. What is not wanted is left as it is, but for the fields named as exact: those
 * have nothing beside what is wanted. Numbers are compared as text, since 64-bit ones come so.
 */
export function differences(
  wanted: Fields,
  found: Fields,
  exact: readonly string[] = [],
): readonly FieldChange[] {
  return Object.entries(wanted).flatMap(([key, value]) => {
    return inField(key, { wanted: value, found: found[key] }, exact);
  });
}

type Pair = { readonly wanted: Json; readonly found: Json | undefined };

function inField(
  field: string,
  { wanted, found }: Pair,
  exact: readonly string[],
): readonly FieldChange[] {
  if (isObject(wanted) && isObject(found)) {
    const more = exact.includes(field)
      ? Object.keys(found).filter((key) => !Object.hasOwn(wanted, key))
      : [];
    return [
      ...Object.entries(wanted).flatMap(([key, value]) => {
        return inField(`${field}.${key}`, { wanted: value, found: found[key] }, exact);
      }),
      ...more.map((key) => ({ field: `${field}.${key}`, from: shown(found[key]), to: "" })),
    ];
  }
  if (isSame(wanted, found)) {
    return [];
  }
  return [{ field, from: shown(found), to: shown(wanted) }];
}

function isSame(wanted: Json, found: Json | undefined): boolean {
  if (isEmpty(wanted) && isEmpty(found)) {
    return true;
  }
  if (Array.isArray(wanted) && Array.isArray(found)) {
    const there: readonly Json[] = found;
    return (
      wanted.length === there.length &&
      wanted.every((item: Json, index) => isSame(item, there[index]))
    );
  }
  if (isObject(wanted) && isObject(found)) {
    return Object.entries(wanted).every(([key, value]) => isSame(value, found[key]));
  }
  return isScalar(wanted) && isScalar(found) && String(wanted) === String(found);
}

/** APIs leave out what is empty, zero or false. */
function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

function isScalar(value: Json | undefined): value is string | number | boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

/** A value as a person reads it. */
function shown(value: Json | undefined): string {
  if (value === undefined || value === null) {
    return "";
  }
  return isScalar(value) ? String(value) : JSON.stringify(value);
}

/** What is there with what is wanted put into it: lists and values are replaced, objects joined. */
export function merged(found: Fields, wanted: Fields): Fields {
  const entries = Object.entries(wanted).map(([key, value]) => {
    const there = found[key];
    return [key, isObject(value) && isObject(there) ? merged(there, value) : value] as const;
  });
  return { ...found, ...Object.fromEntries(entries) };
}
