import { isDeepStrictEqual } from "node:util";
import type { Message } from "../kit/call.ts";
import { badRequest } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";

/** How a value of version 2 reads in version 1, and back; undefined is nothing. */
export type Codec = {
  readonly show: (value: unknown) => unknown;
  readonly read: (value: unknown) => unknown;
};

/**
 * A field: where it is in version 2, where it is in version 1, and how it reads there; the same when left out. A place is
 * the names that lead to it, with spaces between them; the whole message when it is empty.
 */
export type Field = readonly [own: string, theirs: string, codec?: Codec];

/** A value that reads alike. */
export const SAME: Codec = { show: (value) => value, read: (value) => value };

/** A message of version 2 in the form of version 1. */
export function show(fields: readonly Field[], message: unknown): Message {
  return translated(
    fields.map(([own, theirs, codec = SAME]) => [theirs, codec.show(valueAt(message, own))]),
  );
}

/** A message of version 1 in the form of version 2, without what is not in the table. */
export function read(fields: readonly Field[], message: unknown): Message {
  return translated(
    fields.map(([own, theirs, codec = SAME]) => [own, codec.read(valueAt(message, theirs))]),
  );
}

/** What only version 1 shows. */
export function shown(one: (value: unknown) => unknown): Codec {
  return { show: ifThere(one), read: () => undefined };
}

/** A value in another form, where there is one. */
export function converted(
  one: (value: unknown) => unknown,
  back: (value: unknown) => unknown,
): Codec {
  return { show: ifThere(one), read: ifThere(back) };
}

/** Words of version 1 and what they are in version 2. One that is none stays, and the descriptors refuse it. */
export function words(pairs: Readonly<Record<string, string>>): Codec {
  const own = new Map(Object.entries(pairs).map(([theirs, one]) => [one, theirs]));
  return converted(
    (value) => own.get(String(value)),
    (value) => pairs[String(value)] ?? value,
  );
}

/** A part with fields of its own. */
export function part(fields: readonly Field[]): Codec {
  return converted(
    (value) => show(fields, value),
    (value) => read(fields, value),
  );
}

/** A list of such parts. @throws GoogleError INVALID_ARGUMENT when it is none */
export function listOf(fields: readonly Field[]): Codec {
  const each = part(fields);
  return converted(
    (value) => toList(value).map(each.show),
    (value) => toList(value).map(each.read),
  );
}

/** What is at a path. */
export function valueAt(message: unknown, place: string): unknown {
  return namesIn(place).reduce(
    (value, name) => (isRecord(value) ? value[name] : undefined),
    message,
  );
}

/**
 * A value after somebody wrote it in version 1. `before` is what it was as they read it: what they did not change stays,
 * also where version 1 has no words for it.
 */
export function rewritten(current: unknown, before: unknown, given: unknown): unknown {
  if (isDeepStrictEqual(before, given)) {
    return current;
  }
  if (isRecord(current) && isRecord(before) && isRecord(given)) {
    const names = Object.keys({ ...current, ...given });
    const all = names.map((name) => [name, rewritten(current[name], before[name], given[name])]);
    return Object.fromEntries(all.filter(([, value]) => value !== undefined));
  }
  const isSameLength =
    Array.isArray(current) && Array.isArray(before) && before.length === current.length;
  return isSameLength && Array.isArray(given) && given.length === current.length
    ? given.map((one, at) => rewritten(current[at], before[at], one))
    : given;
}

function toList(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw badRequest("", `The manifest is not valid: a list is needed, not ${typeof value}`);
  }
  return value;
}

function ifThere(convert: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => (value === undefined ? undefined : convert(value));
}

function namesIn(place: string): readonly string[] {
  return place === "" ? [] : place.split(" ");
}

function translated(values: readonly (readonly [place: string, value: unknown])[]): Message {
  const parts = values.map(([place, value]) =>
    value === undefined
      ? {}
      : namesIn(place).reduceRight((inner, name) => ({ [name]: inner }), value),
  );
  return parts.reduce<Message>((one, other) => merged(one, isRecord(other) ? other : {}), {});
}

/** Two messages as one: what is in both is the second one's, but for messages, which are merged. */
export function merged(one: Message, other: Message): Message {
  const entries = Object.entries(other).map(([name, value]): [string, unknown] => {
    const before = one[name];
    return [name, isRecord(before) && isRecord(value) ? merged(before, value) : value];
  });
  return Object.fromEntries([...Object.entries(one), ...entries]);
}
