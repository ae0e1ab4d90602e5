import { isDeepStrictEqual } from "node:util";
import { needs, type Rules } from "../kit/access/rules.ts";
import { methodsOn, type Message } from "../kit/call.ts";
import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { parseFilter } from "../kit/filter.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import type { Api, Unary } from "../kit/server.ts";
import { cancelIncidents } from "./incidents.ts";
import {
  type AlertPolicy,
  type Condition,
  checkChannel,
  checkPolicy,
  type NotificationChannel,
} from "./rules.ts";
import {
  type Monitoring,
  nextNumber,
  notFound,
  numberFor,
  parseName,
  parseProject,
  recordsIn,
} from "./state.ts";

const PAGES = { defaultSize: 1_000, maxSize: 1_000 };

/** A policy or a channel in JSON, with a name. */
type Resource = { readonly name: string; readonly creationRecord?: unknown };

/** What is particular to a kind of resource; all else is done alike. */
type Kind<T extends Resource> = {
  readonly records: Map<string, T>;
  /** Completes and checks what is to be kept; `before` is null when it is made. @throws GoogleError */
  readonly complete: (given: Resource & Partial<T>, before: T | null, nowMs: number) => T;
  /** What an update or a deletion, where `after` is null, does to others. @throws GoogleError */
  readonly follow: (before: T, after: T | null, isForced: boolean) => void;
};

/** What the collections are called, by the names of their messages. */
const COLLECTIONS = {
  AlertPolicy: "alertPolicies",
  NotificationChannel: "notificationChannels",
} as const;

/** The permission of each method. Source: https://cloud.google.com/monitoring/access-control */
export const RULES: Rules = Object.fromEntries(
  Object.entries(COLLECTIONS).flatMap(([message, collection]) => {
    const permission = `monitoring.${collection}`;
    // Lists and creations name their project in `name` too.
    return [
      [`List${upper(collection)}`, needs(`${permission}.list`, "name")],
      [`Get${message}`, needs(`${permission}.get`, "name")],
      [`Create${message}`, needs(`${permission}.create`, "name")],
      [`Update${message}`, needs(`${permission}.update`, `${lower(message)}.name`)],
      [`Delete${message}`, needs(`${permission}.delete`, "name")],
    ];
  }),
);

/** The services of google.monitoring.v3 over one state. */
export function toApis(monitoring: Monitoring): readonly Api[] {
  return [
    api("AlertPolicy", methodsOf(monitoring, "AlertPolicy", policyKind(monitoring))),
    api(
      "NotificationChannel",
      methodsOf(monitoring, "NotificationChannel", channelKind(monitoring)),
    ),
  ];
}

function api(message: keyof typeof COLLECTIONS, unary: NonNullable<Api["unary"]>): Api {
  const protos = "@google-cloud/monitoring/build/protos/protos.json";
  return { protos, service: `google.monitoring.v3.${message}Service`, unary };
}

type ByName = { readonly name?: string };
type List = ByName & PageRequest & { readonly filter?: string; readonly orderBy?: string };

function methodsOf<T extends Resource>(
  monitoring: Monitoring,
  message: keyof typeof COLLECTIONS,
  { records, complete, follow }: Kind<T>,
): Readonly<Record<string, Unary>> {
  const collection = COLLECTIONS[message];
  const field = lower(message);
  const find = (asked: string | undefined): T => {
    const name = parseName(collection, asked);
    const found = records.get(name);
    if (found === undefined) {
      throw notFound(message, name);
    }
    return found;
  };
  const given = ({ [field]: resource = {} }: Message): Partial<T> =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked the request
    resource as Partial<T>;
  const keep = (resource: T): T => {
    records.set(resource.name, resource);
    return resource;
  };
  return methodsOn(monitoring, {
    [`List${upper(collection)}`]: (_, request: List) => {
      if ((request.orderBy ?? "") !== "") {
        throw googleError("UNIMPLEMENTED", "The emulator does not implement orderBy.");
      }
      const all = recordsIn(records, parseProject(request.name));
      const found = all.filter(parseFilter(request.filter ?? ""));
      const { items, nextPageToken } = paginate(found, request, PAGES);
      return { [collection]: items, nextPageToken, totalSize: found.length };
    },
    [`Get${message}`]: (_, { name }: ByName) => find(name),
    [`Create${message}`]: (_, request: ByName & Message, nowMs) => {
      const id = `${parseProject(request.name)}/${collection}/${nextId(monitoring, field)}`;
      return keep(complete({ ...given(request), name: id }, null, nowMs));
    },
    [`Update${message}`]: (_, request: Message & { readonly updateMask?: string }, nowMs) => {
      const patch = given(request);
      const before = find(patch.name);
      const { updateMask = "" } = request;
      const merged =
        updateMask === "" ? patch : applyFieldMask<Partial<T>>(before, patch, updateMask);
      const after = keep(complete({ ...merged, name: before.name }, before, nowMs));
      follow(before, after, false);
      return after;
    },
    [`Delete${message}`]: (_, request: ByName & { readonly force?: boolean }) => {
      const before = find(request.name);
      follow(before, null, request.force === true);
      records.delete(before.name);
      return {};
    },
  });
}

function policyKind(monitoring: Monitoring): Kind<AlertPolicy> {
  const { policies, channels } = monitoring.state;
  const named = (condition: Condition, policy: string): Condition => {
    const name = `${policy}/conditions/${nextId(monitoring, policy)}`;
    return { name, ...condition };
  };
  return {
    records: policies,
    complete: (given, before, nowMs) => {
      const record = { mutateTime: toTimestamp(nowMs) };
      const policy = checkPolicy({
        ...given,
        enabled: given.enabled ?? true,
        creationRecord: before?.creationRecord ?? record,
        mutationRecord: record,
      });
      for (const channel of policy.notificationChannels ?? []) {
        if (!channels.has(parseName("notificationChannels", channel))) {
          throw notFound("Notification channel", channel);
        }
      }
      const conditions = givenConditions(policy, before);
      return { ...policy, conditions: conditions.map((one) => named(one, policy.name)) };
    },
    follow: (before, after) => {
      cancelIncidents(monitoring, after ?? before, ({ condition }) =>
        (after?.conditions ?? []).some((one) => isDeepStrictEqual(one, condition)),
      );
    },
  };
}

/** The service names conditions: one with a name is one that the policy has. */
function givenConditions(
  { conditions }: AlertPolicy,
  before: AlertPolicy | null,
): readonly Condition[] {
  if (before === null) {
    return conditions.map(({ name: _name, ...condition }) => condition);
  }
  const known = new Set(before.conditions.map(({ name }) => name));
  const names = conditions.flatMap(({ name = [] }) => name);
  const stranger = names.find((name) => !known.has(name));
  if (stranger !== undefined) {
    throw badRequest("conditions.name", `The policy has no condition ${stranger}.`);
  }
  if (new Set(names).size < names.length) {
    throw badRequest("conditions.name", "Two conditions have the same name.");
  }
  return conditions;
}

function channelKind({ state: { channels, policies } }: Monitoring): Kind<NotificationChannel> {
  return {
    records: channels,
    complete: (given, before, nowMs) => {
      const record = { mutateTime: toTimestamp(nowMs) };
      return checkChannel({
        ...given,
        type: before?.type ?? given.type,
        enabled: given.enabled ?? true,
        creationRecord: before?.creationRecord ?? record,
        mutationRecords: before === null ? [] : [record, ...(before.mutationRecords ?? [])],
      });
    },
    // A channel in use goes only by force, and those who use it lose it.
    follow: ({ name }, after, isForced) => {
      const users = [...policies.values()].filter(
        ({ notificationChannels = [] }) => after === null && notificationChannels.includes(name),
      );
      if (users.length > 0 && !isForced) {
        const names = users.map((policy) => `"${policy.name}"`).join(", ");
        throw googleError(
          "FAILED_PRECONDITION",
          `Could not delete "${name}" because it is still being referenced by: ${names}`,
        );
      }
      for (const { notificationChannels = [], ...policy } of users) {
        const others = notificationChannels.filter((channel) => channel !== name);
        policies.set(policy.name, { ...policy, notificationChannels: others });
      }
    },
  };
}

function nextId({ state }: Monitoring, parent: string): string {
  return String(numberFor(`${parent}@${nextNumber(state)}`));
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function upper(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
