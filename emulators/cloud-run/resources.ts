import { textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { Operation } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import type { Kind, WrittenKind } from "./kinds.ts";
import { finishedOperation } from "./long-running.ts";
import { checkFields, refusalsWith, withoutOutputOnly } from "../kit/collection-fields.ts";
import { wordsOf } from "../kit/collection-names.ts";
import { checkId, checkName, idOf, notFound } from "./names.ts";
import { isBelow } from "../kit/collection-names.ts";
import type { Viewed } from "./wire.ts";

/** How many items a page of any list has. */
export const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/**
 * A resource by its full name.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function find<Item>({ type, pattern, items }: Kind<Item>, name: string): Item {
  const item = items.get(checkName("name", name, pattern));
  if (item === undefined) {
    throw notFound(type, name);
  }
  return item;
}

/** One page of what is in a parent, newest first; `-` stands for any of the parent's ids. */
export function list<Item extends { readonly name: string }>(
  kind: Kind<Item>,
  request: PageRequest & { readonly parent?: string },
  now: number,
): Message {
  const { segment, parents } = wordsOf(kind);
  const parent = checkName("parent", request.parent ?? "", parents);
  const found = [...kind.items.values()].filter(({ name }) => isBelow(name, parent));
  const { items, nextPageToken } = paginate(found.toReversed(), request, PAGE_LIMITS);
  return { [segment]: items.map((item) => kind.view(item, now)), nextPageToken };
}

/**
 * Makes a resource.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function create<Item extends { readonly spec: Message }>(
  kind: WrittenKind<Item>,
  request: Message,
  now: number,
): Operation {
  const { field, segment, parents } = wordsOf(kind);
  const parent = checkName("parent", textAt(request, "parent"), parents);
  const id = checkId(`${field}_id`, textAt(request, `${field}Id`));
  const name = checkNew(kind, `${parent}/${segment}/${id}`);
  const spec = withoutOutputOnly(kind.fields, inputOf(kind, request));
  return kind.write({ name, spec, validateOnly: request["validateOnly"] === true }, now);
}

/** The name of what is to be made. @throws GoogleError ALREADY_EXISTS */
export function checkNew<Item>({ items }: Kind<Item>, name: string): string {
  if (items.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${idOf(name)}' already exists.`);
  }
  return name;
}

/**
 * Changes a resource: without a mask everything that an owner sets is replaced.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/patch
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for an etag that is out of date
 */
export function update<Item extends { readonly spec: Message }>(
  kind: WrittenKind<Item>,
  request: Message,
  now: number,
): Operation {
  const input = inputOf(kind, request);
  const name = checkName("name", textAt(input, "name"), kind.pattern);
  const isMade = request["allowMissing"] === true && !kind.items.has(name);
  const current = isMade ? null : find(kind, name);
  if (current !== null) {
    checkEtag(kind.view(current, now), textAt(input, "etag"));
  }
  const mask = textAt(request, "updateMask");
  const given = withoutOutputOnly(kind.fields, input);
  const isWhole = mask === "" || mask === "*";
  const before: Message = current?.spec ?? {};
  const spec = isWhole ? given : applyFieldMask(before, given, mask);
  return kind.write({ name, spec, validateOnly: request["validateOnly"] === true }, now);
}

/**
 * Deletes a resource with all that is below it.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, ABORTED for an etag that is out of date
 */
export function remove<Item extends { readonly name: string }>(
  kind: Kind<Item>,
  { name = "", etag = "", validateOnly = false }: Named,
  now: number,
): Operation {
  const { run } = kind;
  const item = find(kind, name);
  const before = kind.view(item, now);
  checkEtag(before, etag);
  kind.checkDeletion?.(item);
  if (validateOnly) {
    return finishedOperation(run, { type: kind.type, response: before, isKept: false }, now);
  }
  const { services, revisions, jobs, executions } = run.state;
  for (const items of [services, revisions, jobs, executions]) {
    for (const key of items.keys()) {
      if (key === name || key.startsWith(`${name}/`)) {
        items.delete(key);
      }
    }
  }
  run.keeper.forget(name);
  const deleteTime = toTimestamp(now);
  const response = { ...before, deleteTime, expireTime: deleteTime };
  return finishedOperation(run, { type: kind.type, response, isKept: true }, now);
}

/** A request about one resource. */
export type Named = {
  readonly name?: string;
  readonly etag?: string;
  readonly validateOnly?: boolean;
};

/**
 * Refuses a change based on an older version of a resource. No etag, or an empty one, is not checked.
 * @throws GoogleError ABORTED
 */
export function checkEtag(current: Viewed, etag: string): void {
  if (etag !== "" && etag !== current.etag) {
    throw googleError(
      "ABORTED",
      `Conflict for resource '${idOf(current.name)}': version '${etag}' was specified but current version is '${current.etag}'.`,
    );
  }
}

/** @throws GoogleError UNIMPLEMENTED for a field that is not emulated */
function inputOf<Item extends { readonly spec: Message }>(
  kind: WrittenKind<Item>,
  request: Message,
): Message {
  const given = request[wordsOf(kind).field];
  const input = isRecord(given) ? given : {};
  checkFields(kind, refusalsWith(), input);
  return input;
}
