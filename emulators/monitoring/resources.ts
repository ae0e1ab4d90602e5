import { isDeepStrictEqual } from "node:util";
import type { Rule, Rules } from "../kit/access/rules.ts";
import type { Api, Unary } from "../kit/call.ts";
import { toTimestamp } from "../kit/clock.ts";
import { collection, type Kind } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { cancelIncidents } from "./incidents.ts";
import { type AlertPolicy, checkChannel, checkPolicy, type NotificationChannel } from "./rules.ts";
import {
  type Channels,
  checkProject,
  type Monitoring,
  nextNumber,
  notFound,
  numberFor,
  type Policies,
} from "./state.ts";

const PROTOS = "@google-cloud/monitoring/build/protos/protos.json";
const API = "google.monitoring.v3";

/** What all kinds have; the service gives each resource a long number. */
function usual(
  type: string,
  segment: string,
  monitoring: () => Monitoring,
): Omit<Kind<object, object>, "create" | "update" | "remove" | "view"> {
  return {
    type,
    pattern: `projects/*/${segment}/*`,
    permission: `monitoring.${segment}`,
    verbs: ["create", "get", "list", "update", "delete"],
    fields: describedFields(PROTOS, `${API}.${type}`),
    ids: { pattern: /^\d+$/, rule: "left out", make: (parent) => nextId(monitoring(), parent) },
    pages: { defaultSize: 1_000, maxSize: 1_000 },
    refusals: { notFound: (name) => notFound(type, name) },
  };
}

/** Alert policies. Open incidents of conditions that change or go are closed. */
export function alertPolicies(monitoring: () => Monitoring): Policies {
  return collection<Partial<AlertPolicy>, AlertPolicy>({
    ...usual("AlertPolicy", "alertPolicies", monitoring),
    usualMask: "*",
    create: (draft, { name, nowMs }) => {
      const creationRecord = { mutateTime: toTimestamp(nowMs) };
      return completed(monitoring(), { ...draft, name, creationRecord }, nowMs);
    },
    update: (next, before, { nowMs }) => {
      const { creationRecord } = before;
      const given = { ...next, creationRecord };
      const policy = completed(monitoring(), given, nowMs);
      cancelIncidents(monitoring(), policy, ({ condition }) =>
        policy.conditions.some((one) => isDeepStrictEqual(one, condition)),
      );
      return policy;
    },
    remove: (policy) => {
      cancelIncidents(monitoring(), policy, () => false);
      return null;
    },
  });
}

function completed(
  monitoring: Monitoring,
  given: Partial<AlertPolicy>,
  nowMs: number,
): AlertPolicy {
  const mutationRecord = { mutateTime: toTimestamp(nowMs) };
  const policy = checkPolicy({ ...given, enabled: given.enabled ?? true, mutationRecord });
  for (const channel of policy.notificationChannels ?? []) {
    checkProject(channel);
    monitoring.channels.find(channel);
  }
  // The service names conditions; one that has a name is one that the policy has.
  const conditions = policy.conditions.map((condition) => ({
    name: `${policy.name}/conditions/${nextId(monitoring, policy.name)}`,
    ...condition,
  }));
  return { ...policy, conditions };
}

/** Notification channels. One in use goes only by force, and those who use it lose it. */
export function notificationChannels(monitoring: () => Monitoring): Channels {
  return collection<Partial<NotificationChannel>, NotificationChannel>({
    ...usual("NotificationChannel", "notificationChannels", monitoring),
    create: (draft, { name, nowMs }) => {
      const creationRecord = { mutateTime: toTimestamp(nowMs) };
      const enabled = draft.enabled ?? true;
      return checkChannel({ ...draft, name, enabled, creationRecord, mutationRecords: [] });
    },
    update: (next, { type, creationRecord, mutationRecords = [] }, { nowMs }) =>
      checkChannel({
        ...next,
        type,
        enabled: next.enabled ?? true,
        creationRecord,
        mutationRecords: [{ mutateTime: toTimestamp(nowMs) }, ...mutationRecords],
      }),
    remove: ({ name }, request) => {
      const policies = monitoring().policies.records;
      const users = [...policies.values()].filter(({ notificationChannels: told = [] }) =>
        told.includes(name),
      );
      if (users.length > 0 && request["force"] !== true) {
        const names = users.map((policy) => `"${policy.name}"`).join(", ");
        throw googleError(
          "FAILED_PRECONDITION",
          `Could not delete "${name}" because it is still being referenced by: ${names}`,
        );
      }
      for (const { notificationChannels: told = [], ...policy } of users) {
        const others = told.filter((channel) => channel !== name);
        policies.set(policy.name, { ...policy, notificationChannels: others });
      }
      return null;
    },
  });
}

function nextId(monitoring: Monitoring, parent: string): string {
  return String(numberFor(`${parent}@${nextNumber(monitoring)}`));
}

/** The services of google.monitoring.v3, and the permission of each method. */
export function toApis(
  policies: Policies,
  channels: Channels,
): { readonly apis: readonly Api[]; readonly rules: Rules } {
  const apis = [policies, channels].map((one): Api => ({
    protos: PROTOS,
    service: `${API}.${one.kind.type}Service`,
    unary: mapped(unaryOf([one]), withParent),
  }));
  return { apis, rules: mapped(rulesOf([policies, channels]), ruleWithParent) };
}

/** Lists and creations name their project in `name`. */
function withParent(unary: Unary): Unary {
  return (request, call) => {
    checkProject(request["name"]);
    return unary({ parent: request["name"], ...request }, call);
  };
}

function ruleWithParent(rule: Rule): Rule {
  return (request) => rule({ parent: request["name"], ...request });
}

function mapped<T>(methods: Readonly<Record<string, T>>, change: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(methods).map(([name, one]) => [name, change(one)]));
}
