import { z } from "zod";
import type { Message } from "./call.ts";
import { checked } from "./checked.ts";
import { toTimestamp } from "./clock.ts";
import { applyFieldMask } from "./field-mask.ts";
import { toCamelCase, toSnakeCase } from "./field-names.ts";
import { valuesAt } from "./values.ts";
import { badRequest, googleError, type GoogleError } from "./google-error.ts";
import { isRecord } from "./json.ts";
import { loadProtos } from "./protos.ts";

/** What is done with resources by methods that all kinds have. */
export type Verb = "create" | "get" | "list" | "update" | "delete";

/** Parameters of some of these methods. */
export type Params = Readonly<Partial<Record<Verb, z.ZodRawShape>>>;

/** The fields that the kit writes where a message has them. */
const STAMPS = ["uid", "createTime", "updateTime", "etag"] as const;

/** A field that the kit writes. */
type Stamp = (typeof STAMPS)[number];

/** What the kit has to know of a resource's fields. */
export type Fields = {
  /** Only the service writes these; a caller's are ignored. */
  readonly outputOnly: ReadonlySet<string>;
  readonly stamps: ReadonlySet<Stamp>;
  readonly required: readonly string[];
  /** These cannot be changed once they are said. */
  readonly immutable: readonly string[];
  /** Paths such as `restoreConfig.restoreOrder`, each refused with UNIMPLEMENTED. */
  readonly notEmulated: readonly string[];
  /** What a caller may send, for an API without descriptors. */
  readonly schema: z.ZodObject;
  /** What else must hold of a resource. */
  readonly rules?: z.ZodType | undefined;
};

type More = { readonly [list in "required" | "immutable" | "notEmulated"]?: readonly string[] } & {
  readonly rules?: z.ZodType;
};

/** The fields that a schema says, with all stamps if it does not say which. Those of `outputOnly` and `notEmulated` need no schema. */
export function saidFields(
  shape: z.ZodRawShape,
  {
    outputOnly,
    stamps = STAMPS,
    ...more
  }: More & { readonly outputOnly: readonly string[]; readonly stamps?: readonly Stamp[] },
): Fields {
  const ignored = ["name", ...stamps, ...outputOnly];
  const others = [...ignored, ...(more.notEmulated ?? [])].map((name) => [
    name,
    z.unknown().optional(),
  ]);
  return {
    outputOnly: new Set(ignored),
    stamps: new Set(stamps),
    ...lists(more),
    schema: z.strictObject({ ...Object.fromEntries(others), ...shape }),
  };
}

/**
 * The fields of a message of a descriptor file, with what it says of each.
 * Source: https://google.aip.dev/203
 */
export function describedFields(protos: string, message: string, more: More = {}): Fields {
  const { fieldsArray: fields } = loadProtos(protos).lookupType(message);
  function those(behavior: string): readonly string[] {
    const found = fields.filter((field) => behaviorsOf(field).includes(behavior));
    return found.map(({ name }) => name);
  }
  return {
    outputOnly: new Set(["name", "etag", ...those("OUTPUT_ONLY")]),
    stamps: new Set(STAMPS.filter((stamp) => fields.some(({ name }) => name === stamp))),
    ...lists({ required: those("REQUIRED"), immutable: those("IMMUTABLE"), ...more }),
    schema: z.object({}),
  };
}

type Described = { readonly options?: unknown; readonly parsedOptions?: unknown };

/** A field may have several; then only the parsed options have them all. */
function behaviorsOf({ options, parsedOptions }: Described): readonly unknown[] {
  const parsed: readonly unknown[] = Array.isArray(parsedOptions) ? parsedOptions : [];
  return [options, ...parsed].map((one) =>
    isRecord(one) ? one["(google.api.field_behavior)"] : undefined,
  );
}

function lists({
  required = [],
  immutable = [],
  notEmulated = [],
  rules,
}: More): Omit<Fields, "outputOnly" | "stamps" | "schema"> {
  return { required, immutable, notEmulated, rules };
}

/** Those of some stamps that a resource has, with a time. */
export function timesAt({ stamps }: Fields, names: readonly Stamp[], ms: number): Message {
  const own = names.filter((name) => stamps.has(name));
  return Object.fromEntries(own.map((name) => [name, toTimestamp(ms)]));
}

/** How an API says that something is not there, there already, or not as an etag has it. */
export type Refusals = Readonly<
  Record<"notFound" | "taken" | "stale", (name: string) => GoogleError>
>;

/** As most APIs say it. */
export const USUAL_REFUSALS: Refusals = {
  notFound: (name) => googleError("NOT_FOUND", `Resource '${name}' was not found`),
  taken: (name) => googleError("ALREADY_EXISTS", `Resource '${name}' already exists`),
  stale: () =>
    googleError("ABORTED", "The etag does not match the current version of the resource."),
};

/** The refusal of a request that lacks a field. */
export function missing(field: string): GoogleError {
  return badRequest(field, `Missing required field ${field}`);
}

type Checked = { readonly type: string; readonly fields: Fields };

/**
 * Checks what a resource is to be.
 * @throws GoogleError UNIMPLEMENTED for a field that is not emulated, INVALID_ARGUMENT for one that is missing or wrong
 */
export function checkFields({ type, fields }: Checked, said: Message): void {
  const other = fields.notEmulated.find((path) => valuesAt(said, path.split(".")).some(isSaid));
  if (other !== undefined) {
    throw googleError("UNIMPLEMENTED", `The emulator does not implement ${type}.${other}.`);
  }
  const empty = fields.required.find((name) => said[name] === undefined || said[name] === "");
  if (empty !== undefined) {
    throw missing(toSnakeCase(empty));
  }
  if (fields.rules !== undefined) {
    checked(fields.rules, said);
  }
}

/** An empty message says nothing; an empty list does, since only somebody who means it writes one. */
function isSaid(value: unknown): boolean {
  return value !== undefined && !(isRecord(value) && Object.keys(value).length === 0);
}

/** @throws GoogleError INVALID_ARGUMENT */
export function checkImmutable({ fields }: Checked, before: Message, next: Message): void {
  const changed = fields.immutable.find(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]),
  );
  if (changed !== undefined) {
    throw badRequest(toSnakeCase(changed), `The field ${toSnakeCase(changed)} cannot be changed.`);
  }
}

/** What a caller says, without what is not theirs to say. */
export function withoutOutputOnly({ outputOnly }: Fields, said: Message): Message {
  return Object.fromEntries(Object.entries(said).filter(([name]) => !outputOnly.has(name)));
}

/**
 * A resource with what an update says: of what the mask names, or without one of all that it has. Paths of output only
 * fields count for nothing. The mask `*` takes away what the update lacks.
 * Source: https://google.aip.dev/134
 * @throws GoogleError INVALID_ARGUMENT for a malformed path
 */
export function patched(
  fields: Fields,
  before: Message & { readonly name: string },
  { draft, mask }: { readonly draft: Message; readonly mask: string },
): Message & { readonly name: string } {
  const paths = mask.split(",").filter((path) => path !== "");
  const own = paths.filter((path) => !fields.outputOnly.has(toCamelCase(path.split(".")[0] ?? "")));
  const patch = withoutOutputOnly(fields, draft);
  if (paths.includes("*")) {
    const kept = Object.entries(before).filter(([name]) => isKept(fields, name));
    return { ...Object.fromEntries(kept), ...patch, name: before.name };
  }
  return paths.length > 0 && own.length === 0
    ? before
    : { ...applyFieldMask<Message>(before, patch, own.join(",")), name: before.name };
}

/** What no update of everything takes away. */
function isKept({ outputOnly, immutable }: Fields, name: string): boolean {
  return outputOnly.has(name) || immutable.includes(name) || name === "hidden";
}

/** What is a message; nothing for what is none. */
export function toMessage(value: unknown): Message {
  return isRecord(value) ? value : {};
}
