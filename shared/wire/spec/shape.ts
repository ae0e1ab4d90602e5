import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Scalar, YAMLMap } from "yaml";
import { z } from "zod";
import { assert } from "../../domain/assert.ts";
import { didYouMean } from "./nearest.ts";
import { formatPath } from "./problem.ts";
import type { Path, Report } from "./problem.ts";
import { keyText, offsetOf } from "./yaml-source.ts";
import type { Value, YamlSource } from "./yaml-source.ts";

/** Where a key and its value start in the text. */
export type Span = { readonly key: number; readonly value: number };

/** A document as plain values, and where each of them stands, by formatted path. */
export type Shape = { readonly value: unknown; readonly spans: ReadonlyMap<string, Span> };

/** How many values a file may have, those of aliases counted each time; a large service.yaml has some 400. */
const VALUES_MAX = 20_000;

/** yaml.v3 reads these words of YAML 1.1 where a boolean is wanted (https://pkg.go.dev/gopkg.in/yaml.v3). */
const OLD_BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["y", true],
  ["Y", true],
  ["yes", true],
  ["on", true],
  ["n", false],
  ["N", false],
  ["no", false],
  ["off", false],
]);

type Walk = {
  readonly source: YamlSource;
  readonly report: Report;
  readonly spans: Map<string, Span>;
  readonly budget: { left: number };
};

/** The walk, and where it is. */
type Cursor = { readonly walk: Walk; readonly path: Path };

/**
 * Turns a document into plain values the way yaml.v3 fills the fields that the schema describes: a number
 * becomes text where text is wanted, null counts as absent, merge keys are followed. Keys that the schema
 * does not know are left out and reported: as warnings, or as errors where the schema is strict.
 */
export function readShape(schema: z.ZodType, source: YamlSource, report: Report): Shape {
  const walk: Walk = { source, report, spans: new Map(), budget: { left: VALUES_MAX } };
  const value = read({ walk, path: [] }, schema, source.root);
  if (walk.budget.left <= 0) {
    report.error(
      [],
      `the file has more than ${VALUES_MAX} values, those of aliases counted each time`,
    );
  }
  return { value, spans: walk.spans };
}

function read({ walk, path }: Cursor, schema: z.ZodType, node: unknown): unknown {
  walk.budget.left -= 1;
  const value = resolve(walk, node);
  if (value === null || walk.budget.left <= 0) {
    return undefined;
  }
  const wanted = unwrap(schema);
  if (isMap(value)) {
    return readMapping({ walk, path }, wanted, value);
  }
  if (isSeq(value)) {
    return readList({ walk, path }, wanted, value.items);
  }
  return readScalar({ walk, path }, wanted, value);
}

/** Follows an alias; null for what is absent. */
function resolve(walk: Walk, node: unknown): Value | null {
  if (isAlias(node)) {
    return walk.source.aliases.get(node) ?? null;
  }
  return isMap(node) || isSeq(node) || isScalar(node) ? node : null;
}

/** The schema of what the document holds, without its defaults and conversions. */
function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrap(schema.unwrap());
  }
  if (schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? unwrap(schema.in) : schema;
}

function readScalar(cursor: Cursor, wanted: unknown, { value, source, type }: Scalar): unknown {
  if (value === null) {
    return undefined;
  }
  return wanted instanceof z.ZodNumber && type === "PLAIN"
    ? (readOldNumber(cursor, source ?? "") ?? value)
    : readText(wanted, value, source);
}

function readText(wanted: unknown, value: unknown, source: string | undefined): unknown {
  if (wanted instanceof z.ZodString || wanted instanceof z.ZodEnum) {
    return source ?? value;
  }
  if (wanted instanceof z.ZodUnion) {
    return source ?? value;
  }
  if (wanted instanceof z.ZodBoolean && typeof value === "string") {
    return OLD_BOOLEANS.get(value) ?? value;
  }
  return value;
}

/**
 * A whole number as yaml.v3 reads it and YAML 1.2 does not: a leading zero makes it octal, 0b binary, and
 * underscores are nothing. Null for every other.
 */
function readOldNumber({ walk, path }: Cursor, source: string): number | null {
  const [, sign = "", octal, binary] =
    /^([-+]?)(?:0([0-7]+)|0b([01]+))$/.exec(source.replaceAll("_", "")) ?? [];
  const plain = source.replaceAll("_", "");
  if (octal === undefined && binary === undefined) {
    return source !== plain && /^[-+]?(?:0x[\da-f]+|0o[0-7]+|\d+)$/i.test(plain)
      ? Number(plain)
      : null;
  }
  const value = Number(`${sign}1`) * Number(octal === undefined ? `0b${binary}` : `0o${octal}`);
  if (octal !== undefined && value > 7) {
    walk.report.warning(path, `is read as ${value}, because a leading zero makes ${source} octal`);
  }
  return value;
}

function readList(
  { walk, path }: Cursor,
  wanted: unknown,
  items: readonly unknown[],
): readonly unknown[] {
  if (!(wanted instanceof z.ZodArray)) {
    return [];
  }
  return items.map((item, index) => {
    const itemPath = [...path, index];
    const offset = isNode(item) ? offsetOf(item) : 0;
    walk.spans.set(formatPath(itemPath), { key: offset, value: offset });
    return read({ walk, path: itemPath }, asSchema(wanted.element), item);
  });
}

type Entry = { readonly name: string; readonly key: unknown; readonly value: unknown };

function readMapping({ walk, path }: Cursor, wanted: unknown, map: YAMLMap): unknown {
  const entries = entriesOf(walk, map, path);
  if (wanted instanceof z.ZodRecord) {
    const schema = asSchema(wanted.valueType);
    // A null in a map of texts is an empty text.
    const absent = schema instanceof z.ZodString ? "" : undefined;
    return Object.fromEntries(
      entries.map((entry) => {
        const cursor = { walk, path: [...path, entry.name] };
        return [entry.name, readEntry(cursor, schema, entry) ?? absent];
      }),
    );
  }
  const mapping = wanted instanceof z.ZodUnion ? wanted.options.find(isMapping) : wanted;
  return mapping instanceof z.ZodObject ? readFields({ walk, path }, mapping, entries) : {};
}

function readFields(
  { walk, path }: Cursor,
  schema: z.ZodObject,
  entries: readonly Entry[],
): unknown {
  const shape: Readonly<Record<string, unknown>> = schema.shape;
  const fields: Record<string, unknown> = {};
  for (const entry of entries) {
    const cursor = { walk, path: [...path, entry.name] };
    if (!Object.hasOwn(shape, entry.name)) {
      reportUnknownKey(cursor, schema, entry);
      continue;
    }
    const field = asSchema(shape[entry.name]);
    const value = readEntry(cursor, field, entry);
    const message = field.meta()?.["deprecationMessage"];
    if (value !== undefined && typeof message === "string") {
      walk.report.warning(cursor.path, message, "key");
    }
    if (value !== undefined) {
      fields[entry.name] = value;
    }
  }
  return fields;
}

function readEntry({ walk, path }: Cursor, schema: z.ZodType, entry: Entry): unknown {
  const key = isNode(entry.key) ? offsetOf(entry.key) : 0;
  const value = isNode(entry.value) ? offsetOf(entry.value) : key;
  walk.spans.set(formatPath(path), { key, value });
  return read({ walk, path }, schema, entry.value);
}

/** Upstream ignores keys that it does not know. Under `delivery` one may be a gate that never closes. */
function reportUnknownKey({ walk, path }: Cursor, schema: z.ZodObject, entry: Entry): void {
  const key = isNode(entry.key) ? offsetOf(entry.key) : 0;
  walk.spans.set(formatPath(path), { key, value: key });
  const known = Object.keys(schema.shape);
  const hint = didYouMean(entry.name, known);
  const list = hint === "" ? `; known here: ${known.join(", ")}` : hint;
  if (schema.def.catchall instanceof z.ZodNever) {
    walk.report.error(path, `there is no key "${entry.name}"${list}`);
  } else {
    walk.report.warning(path, `the key "${entry.name}" is not known and is ignored${list}`);
  }
}

/** The entries of a mapping; those of merge keys follow, where the mapping does not have them itself. */
function entriesOf(walk: Walk, map: YAMLMap, path: Path): readonly Entry[] {
  const entries = new Map<string, Entry>();
  const merged: unknown[] = [];
  for (const { key, value } of map.items) {
    const name = keyText(key);
    if (name === "<<" && isScalar(key) && key.type === "PLAIN") {
      merged.push(value);
    } else if (name !== null && !entries.has(name)) {
      entries.set(name, { name, key, value });
    }
  }
  for (const entry of merged.flatMap((value) => entriesOfMerge(walk, value, path))) {
    if (!entries.has(entry.name)) {
      entries.set(entry.name, entry);
    }
  }
  return [...entries.values()];
}

function entriesOfMerge(walk: Walk, node: unknown, path: Path): readonly Entry[] {
  walk.budget.left -= 1;
  const value = resolve(walk, node);
  if (walk.budget.left <= 0) {
    return [];
  }
  if (isMap(value)) {
    return entriesOf(walk, value, path);
  }
  if (isSeq(value)) {
    return value.items.flatMap((item) => entriesOfMerge(walk, item, path));
  }
  walk.report.error(path, "<< must be followed by a mapping or a list of mappings");
  return [];
}

function isMapping(schema: unknown): boolean {
  return schema instanceof z.ZodObject;
}

function isNode(value: unknown): value is Value {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

/** zod's core types do not say so, but every schema of the specification is made with its classic functions. */
function asSchema(schema: unknown): z.ZodType {
  assert(schema instanceof z.ZodType, "a schema of the specification is a classic one");
  return schema;
}
