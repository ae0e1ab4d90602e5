import type { Message } from "./call.ts";
import {
  checkFields,
  checkImmutable,
  type Fields,
  type Params,
  patched,
  type Refusals,
  timesAt,
  toMessage,
  USUAL_REFUSALS,
  type Verb,
  withoutOutputOnly,
} from "./collection-fields.ts";
import {
  checkPath,
  etagOf,
  isBelow,
  type Naming,
  newName,
  type Place,
  parentOf,
  uidFor,
  wordsOf,
} from "./collection-names.ts";
import { parseFilter } from "./filter.ts";
import { orderBy } from "./values.ts";
import { type PageLimits, paginate } from "./page.ts";

/** What the kit itself writes into a resource. */
export type Stamped = {
  /** The full name, `projects/P/…`, under which it is held. */
  readonly name: string;
};

/**
 * A resource as it is held: the API's own JSON, made of what a caller said (`Draft`) and what the service adds (`Own`).
 * What the API does not show is in `hidden`. Uid, times and etag are there too, where the API's message has them.
 */
export type Resource<Draft extends object, Own extends object> = Draft & Own & Stamped;

/** Begins a long-running operation and gives it; `response` is what it ends with, null for a deletion. */
export type Begin = (about: {
  readonly target: string;
  readonly verb: Verb;
  readonly type: string;
  readonly response: (() => object) | null;
}) => object;

/** A kind of resource and its rules. */
export type Kind<Draft extends object, Own extends object> = Naming & {
  /** What its permissions begin with, such as `gkebackup.backupPlans`. */
  readonly permission: string;
  readonly verbs: readonly Verb[];
  readonly fields: Fields;
  readonly pages: PageLimits;
  /** The order of a list that asks for none; without it the oldest come first. */
  readonly usualOrder?: "newest first";
  /** The mask of an update that has none: `*` where that replaces all. */
  readonly usualMask?: "*";
  /** Parameters beside the usual, for an API without descriptors. */
  readonly params?: Params;
  /** What it is in, when that must exist. */
  readonly parents?: { readonly find: (name: string) => unknown };
  /** Answers creations, updates and deletions by operations; without it by the resource. */
  readonly begin?: Begin;
  /** What is left out is refused as most APIs do. */
  readonly refusals?: Partial<Refusals>;
  /** Checks a new one, whose name is free, and gives what the service adds. @throws GoogleError */
  readonly create: (draft: Draft, place: Place) => Own;
  /** Checks a changed one, and gives what changes beside what was asked; `before` when nothing does. @throws GoogleError */
  readonly update?: (
    next: Resource<Draft, Own>,
    before: Resource<Draft, Own>,
    place: Place,
  ) => Partial<Draft & Own>;
  /** Checks a deletion; what it gives stays in the resource's place. @throws GoogleError */
  readonly remove?: (
    resource: Resource<Draft, Own>,
    request: Message,
    nowMs: number,
  ) => Resource<Draft, Own> | null;
  /** The resource with what follows from other things. */
  readonly view?: (resource: Resource<Draft, Own>) => object;
};

/** The resources of one kind. */
export type Collection<Draft extends object, Own extends object> = {
  readonly kind: Kind<Draft, Own>;
  /** By full name, oldest first. */
  readonly records: Map<string, Resource<Draft, Own>>;
  /** @throws GoogleError NOT_FOUND, or INVALID_ARGUMENT for what is no such name */
  readonly find: (name: string | undefined) => Resource<Draft, Own>;
  /** Puts a changed one in its place. It counts as an update where a time is given. */
  readonly change: (
    resource: Resource<Draft, Own>,
    change: Partial<Draft & Own>,
    updateMs?: number,
  ) => Resource<Draft, Own>;
  /** As the API shows it. */
  readonly show: (resource: Resource<Draft, Own>) => object;
  readonly run: Readonly<Record<Verb, (request: Message, nowMs: number) => object>>;
};

/**
 * Create, get, list, update and delete of one kind of resource, by what is said of it:
 *
 *     const plans = collection<PlanDraft, PlanOwn>({
 *       type: "BackupPlan",
 *       pattern: "projects/*\/locations/*\/backupPlans/*",
 *       permission: "gkebackup.backupPlans",
 *       verbs: ["create", "get", "list"],
 *       fields: saidFields(SHAPE, { outputOnly: ["state"], required: ["cluster"] }), // or describedFields(PROTOS, MESSAGE)
 *       ids: { pattern: /^[a-z][a-z0-9-]*$/, rule: "lower-case letters, numbers and dashes" },
 *       pages: { defaultSize: 100, maxSize: 1000 },
 *       begin: longRunning(operations, …), // where methods answer by operations
 *       create: (draft, { nowMs }) => ({ state: "PROVISIONING", hidden: { readyMs: nowMs + 500 } }),
 *     });
 * `collection-methods.ts` makes methods of it: `unaryOf` and `rulesOf` for an API with descriptors, `rowsOf` for one
 * without. By itself come names, parents (`-` for any), ids, uid, times and etag, ALREADY_EXISTS, NOT_FOUND, ABORTED for
 * an etag of before, fields that are output only (ignored), required, immutable or not emulated (refused), the mask of an
 * update, `allowMissing`, and filter, order and pages of a list. The hooks are what is left. A record is the API's JSON
 * in camelCase; leave a default value out instead of storing it.
 */
export function collection<Draft extends object, Own extends object>(
  kind: Kind<Draft, Own>,
): Collection<Draft, Own> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a request was checked against the kind's message, and its map holds nothing else
  return open(kind as unknown as AnyKind) as unknown as Collection<Draft, Own>;
}

type AnyKind = Kind<Message, Message>;
type Held = Resource<Message, Message>;
type Shelf = Omit<Collection<Message, Message>, "run"> & { readonly refusals: Refusals };

function open(kind: AnyKind): Collection<Message, Message> {
  const refusals = { ...USUAL_REFUSALS, ...kind.refusals };
  const { fields, pattern } = kind;
  const records = new Map<string, Held>();
  const shelf: Shelf = {
    kind,
    records,
    refusals,
    find: (given = "") => {
      const name = checkPath(given, { field: "name", pattern });
      const found = records.get(name);
      if (found === undefined) {
        throw refusals.notFound(name);
      }
      return found;
    },
    change: (resource, change, updateMs) => {
      const times = updateMs === undefined ? {} : timesAt(fields, ["updateTime"], updateMs);
      const next = { ...resource, ...change, ...times };
      records.set(resource.name, next);
      return next;
    },
    show: (resource) => {
      const shown = withoutHidden(kind.view?.(resource) ?? resource);
      return fields.stamps.has("etag") ? { ...shown, etag: currentEtag(resource) } : shown;
    },
  };
  return {
    ...shelf,
    run: {
      create: (request, nowMs) => create(shelf, request, nowMs),
      get: ({ name }) => shelf.show(shelf.find(textOf(name))),
      list: (request) => list(shelf, request),
      update: (request, nowMs) => update(shelf, request, nowMs),
      delete: (request, nowMs) => remove(shelf, request, nowMs),
    },
  };
}

function create(shelf: Shelf, request: Message, nowMs: number): object {
  const { kind } = shelf;
  const { field } = wordsOf(kind);
  const parent = readParent(shelf, request);
  const draft = toMessage(request[field]);
  const given = textOf(kind.ids.isInName === true ? draft["name"] : request[`${field}Id`]);
  const name = newName(kind, { parent, given, nowMs });
  kind.parents?.find(parent);
  return add(shelf, draft, { name, parent, nowMs, request });
}

function add(shelf: Shelf, given: Message, place: Place): object {
  const { kind, records, refusals } = shelf;
  const { name, nowMs } = place;
  if (records.has(name)) {
    throw refusals.taken(name);
  }
  checkFields(kind, given);
  const draft = withoutOutputOnly(kind.fields, given);
  const uid = kind.fields.stamps.has("uid") ? { uid: uidFor(`${name} ${nowMs}`) } : {};
  const times = timesAt(kind.fields, ["createTime", "updateTime"], nowMs);
  records.set(name, { ...draft, name, ...uid, ...times, ...kind.create(draft, place) });
  return answer(shelf, "create", name);
}

function list(shelf: Shelf, request: Message): object {
  const { kind, records, show } = shelf;
  const parent = readParent(shelf, request);
  if (!parent.split("/").includes("-")) {
    kind.parents?.find(parent);
  }
  const found = [...records.values()].filter(({ name }) => isBelow(name, parent));
  const shown = (kind.usualOrder === undefined ? found : found.toReversed())
    .map(show)
    .filter(parseFilter(textOf(request["filter"])));
  const { pageSize: size = 0, pageToken: token, orderBy: order } = request;
  const sorted = orderBy(shown, textOf(order));
  const asked = { pageSize: Number(size), pageToken: textOf(token) };
  const { items, nextPageToken: next } = paginate(sorted, asked, kind.pages);
  return { [wordsOf(kind).segment]: items, ...(next !== "" && { nextPageToken: next }) };
}

function update(shelf: Shelf, request: Message, nowMs: number): object {
  const { kind, find } = shelf;
  const draft = toMessage(request[wordsOf(kind).field]);
  const name = textOf(request["name"] ?? draft["name"]);
  const place = { name, parent: parentOf(name), nowMs, request };
  if (isGone(shelf, request, name)) {
    newName(kind, { ...place, given: name });
    return add(shelf, draft, place);
  }
  const before = find(name);
  checkEtag(shelf, before, draft["etag"]);
  const next = patched(kind.fields, before, {
    draft,
    mask: textOf(request["updateMask"] ?? kind.usualMask),
  });
  checkFields(kind, next);
  checkImmutable(kind, before, next);
  const change = kind.update?.(next, before, place) ?? {};
  if (change !== before) {
    shelf.change(next, change, nowMs);
  }
  return answer(shelf, "update", name);
}

function remove(shelf: Shelf, request: Message, nowMs: number): object {
  const { kind, records } = shelf;
  const name = textOf(request["name"]);
  if (!isGone(shelf, request, name)) {
    const resource = shelf.find(name);
    checkEtag(shelf, resource, request["etag"]);
    const rest = kind.remove?.(resource, request, nowMs) ?? null;
    if (rest === null) {
      records.delete(name);
    } else {
      records.set(name, rest);
    }
  }
  return kind.begin?.({ target: name, verb: "delete", type: kind.type, response: null }) ?? {};
}

/** Whether a resource is not there, and need not be. Source: https://google.aip.dev/134#create-or-update */
function isGone({ records }: Shelf, request: Message, name: string): boolean {
  return request["allowMissing"] === true && !records.has(name);
}

/** The resource, or the operation that ends with it. */
function answer({ kind, find, show }: Shelf, verb: Verb, name: string): object {
  const { begin, type } = kind;
  const response = (): object => show(find(name));
  return begin?.({ target: name, verb, type, response }) ?? response();
}

function readParent({ kind }: Shelf, request: Message): string {
  const pattern = wordsOf(kind).parents;
  return checkPath(textOf(request["parent"]), { field: "parent", pattern });
}

function checkEtag({ refusals }: Shelf, resource: Held, given: unknown): void {
  const etag = textOf(given);
  if (etag !== "" && etag !== currentEtag(resource)) {
    throw refusals.stale(resource.name);
  }
}

function currentEtag(resource: Held): string {
  return etagOf(withoutHidden(resource));
}

/** What of a resource the API shows. */
export function withoutHidden(resource: object): object {
  const { hidden: _hidden, ...shown }: { readonly hidden?: unknown } = resource;
  return shown;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
