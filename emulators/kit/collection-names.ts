import { createHash } from "node:crypto";
import type { Message } from "./call.ts";
import { missing } from "./collection-fields.ts";
import { badRequest } from "./google-error.ts";

/** How the resources of a kind are called. */
export type Naming = {
  /** `BackupPlan`, of which `CreateBackupPlan`, `backupPlan` and `backupPlanId` follow. */
  readonly type: string;
  /** Their full names, such as `projects/*\/locations/*\/backupPlans/*`. */
  readonly pattern: string;
  readonly ids: {
    readonly pattern: RegExp;
    /** What an id must be, for whoever has another. */
    readonly rule: string;
    /** An id for one that came without; without this an id is required. */
    readonly make?: (parent: string, nowMs: number) => string;
    /** The resource's own `name` says it; in most APIs a field such as `backupPlanId` of the request does. */
    readonly isInName?: true;
  };
};

/** Where, when and by what request a resource is made or changed. */
export type Place = {
  readonly name: string;
  readonly parent: string;
  readonly nowMs: number;
  readonly request: Message;
};

/** What follows from a kind's type and pattern: `backupPlan`, `backupPlans` and `projects/*\/locations/*`. */
export function wordsOf({ type, pattern }: Pick<Naming, "type" | "pattern">): {
  readonly field: string;
  readonly segment: string;
  readonly parents: string;
} {
  const parts = pattern.split("/");
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  return { field, segment: parts.at(-2) ?? "", parents: parts.slice(0, -2).join("/") };
}

/** The last part of a name. */
export function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The name without its last two parts. */
export function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}

/**
 * A name or a parent as given, if it is of the pattern.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkPath(
  given: string,
  { field, pattern }: { readonly field: "name" | "parent"; readonly pattern: string },
): string {
  const parts = given.split("/");
  const wanted = pattern.split("/");
  const isLike = wanted.every((one, at) => (one === "*" ? parts[at] !== "" : one === parts[at]));
  if (!isLike || parts.length !== wanted.length) {
    throw badRequest(field, `Malformed ${field}: "${given}"`);
  }
  return given;
}

/** Whether a name is below a parent, each part of which may be `-` for any. */
export function isBelow(name: string, parent: string): boolean {
  const own = name.split("/");
  return parent.split("/").every((part, at) => part === "-" || part === own[at]);
}

/**
 * The full name of a new resource in a parent, by the id or name that was given for it.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function newName(
  naming: Naming,
  {
    parent,
    given,
    nowMs,
  }: { readonly parent: string; readonly given: string; readonly nowMs: number },
): string {
  const { ids } = naming;
  const { field, segment } = wordsOf(naming);
  const prefix = `${parent}/${segment}/`;
  const id = given.startsWith(prefix) ? given.slice(prefix.length) : given;
  if (id === "" && ids.make !== undefined) {
    return prefix + ids.make(parent, nowMs);
  }
  const place = ids.isInName === true ? `${field}.name` : `${field}Id`;
  if (id === "") {
    throw missing(place);
  }
  if (!ids.pattern.test(id)) {
    throw badRequest(place, `Invalid value for ${place}: it must be ${ids.rule}.`);
  }
  return checkPath(prefix + id, { field: "name", pattern: naming.pattern });
}

/** A UUID made of a text; the same text gives the same one. */
export function uidFor(cause: string): string {
  return digest(cause).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

/** The etag of what is shown: another one for whatever has changed. */
export function etagOf(shown: object): string {
  return digest(JSON.stringify(shown)).slice(0, 16);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
