import { isDeepStrictEqual } from "node:util";
import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest } from "../kit/google-error.ts";
import { closeIncident, openIncidentsOf } from "./incidents.ts";
import { type ListRequest, listPage } from "./list.ts";
import { isIn, notFound, numberFor, parseName, parseProject } from "./names.ts";
import { checkPolicy } from "./policy-rules.ts";
import type { AlertPolicy, Condition, StoredPolicy } from "./resources.ts";
import { type Monitoring, nextNumber } from "./state.ts";

/** What an incident says was observed when its condition went away. Source: see README. */
const CANCELLED =
  "Incident cancelled because the alert policy condition was deleted or modified while incident was active.";

/**
 * CreateAlertPolicy: the service names the policy and its conditions.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND for a channel that does not exist
 */
export function createPolicy(
  monitoring: Monitoring,
  request: { readonly name?: string; readonly alertPolicy?: AlertPolicy },
  nowMs: number,
): StoredPolicy {
  const project = parseProject(monitoring.projects, request.name);
  const { alertPolicy: input = {} } = request;
  const name = `${project}/alertPolicies/${nextId(monitoring, project)}`;
  const record = { mutateTime: toTimestamp(nowMs) };
  const unnamed = (input.conditions ?? []).map(({ name: _name, ...condition }) => condition);
  const policy = complete(monitoring, {
    ...input,
    name,
    conditions: unnamed,
    creationRecord: record,
    mutationRecord: record,
  });
  monitoring.state.policies.set(name, policy);
  return policy;
}

/**
 * GetAlertPolicy
 * @throws GoogleError NOT_FOUND
 */
export function getPolicy(
  monitoring: Monitoring,
  request: { readonly name?: string },
): StoredPolicy {
  const name = parseName(monitoring.projects, "alertPolicies", request.name);
  const policy = monitoring.state.policies.get(name);
  if (policy === undefined) {
    throw notFound("Alert policy", name);
  }
  return policy;
}

/** ListAlertPolicies */
export function listPolicies(monitoring: Monitoring, request: ListRequest): object {
  const project = parseProject(monitoring.projects, request.name);
  const policies = [...monitoring.state.policies.values()].filter(isIn(project));
  const { items, nextPageToken, totalSize } = listPage(policies, request);
  return { alertPolicies: items, nextPageToken, totalSize };
}

/**
 * UpdateAlertPolicy: what the mask names; without one the policy is replaced. Open incidents of
 * conditions that change or go are closed.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function updatePolicy(
  monitoring: Monitoring,
  request: { readonly alertPolicy?: AlertPolicy; readonly updateMask?: string },
  nowMs: number,
): StoredPolicy {
  const { alertPolicy: input = {}, updateMask = "" } = request;
  const before = getPolicy(monitoring, input.name === undefined ? {} : { name: input.name });
  const changed = updateMask === "" ? input : applyFieldMask(before, input, updateMask);
  checkConditionNames(before, changed.conditions ?? []);
  const policy = complete(monitoring, {
    ...changed,
    name: before.name,
    ...(before.creationRecord === undefined ? {} : { creationRecord: before.creationRecord }),
    mutationRecord: { mutateTime: toTimestamp(nowMs) },
  });
  monitoring.state.policies.set(policy.name, policy);
  const kept = policy.conditions ?? [];
  for (const incident of openIncidentsOf(monitoring, policy.name)) {
    const condition = kept.find((one) => one.name === incident.condition.name);
    if (!isDeepStrictEqual(condition, incident.condition)) {
      closeIncident(monitoring, incident, { policy, observedValue: CANCELLED });
    }
  }
  return policy;
}

/**
 * DeleteAlertPolicy: its open incidents are closed.
 * @throws GoogleError NOT_FOUND
 */
export function deletePolicy(monitoring: Monitoring, request: { readonly name?: string }): object {
  const policy = getPolicy(monitoring, request);
  monitoring.state.policies.delete(policy.name);
  for (const incident of openIncidentsOf(monitoring, policy.name)) {
    closeIncident(monitoring, incident, { policy, observedValue: CANCELLED });
  }
  return {};
}

/** Fills in what the service adds, and checks the whole. */
function complete(monitoring: Monitoring, input: StoredPolicy): StoredPolicy {
  const { validity: _validity, ...given } = input;
  const channels = (input.notificationChannels ?? []).map((channel) =>
    requireChannel(monitoring, channel),
  );
  const policy = { ...given, notificationChannels: channels };
  checkPolicy(policy);
  const conditions = (policy.conditions ?? []).map((condition) =>
    named(condition, `${policy.name}/conditions/${nextId(monitoring, policy.name)}`),
  );
  return { ...policy, enabled: policy.enabled ?? true, conditions };
}

/** A condition keeps its name; one without gets this. */
function named(condition: Condition, name: string): Condition {
  return { name, ...condition };
}

function requireChannel({ projects, state }: Monitoring, channel: string): string {
  const name = parseName(projects, "notificationChannels", channel);
  if (!state.channels.has(name)) {
    throw notFound("Notification channel", name);
  }
  return name;
}

/** A condition with a name is one that the policy has; the service names new ones. */
function checkConditionNames(before: AlertPolicy, conditions: readonly Condition[]): void {
  const known = new Set((before.conditions ?? []).map((condition) => condition.name));
  const names = conditions.map((condition) => condition.name).filter((name) => name !== undefined);
  const stranger = names.find((name) => !known.has(name));
  if (stranger !== undefined) {
    throw badRequest("conditions.name", `The policy has no condition ${stranger}.`);
  }
  if (new Set(names).size < names.length) {
    throw badRequest("conditions.name", "Two conditions have the same name.");
  }
}

function nextId({ state }: Monitoring, parent: string): string {
  return numberFor(`${parent}@${nextNumber(state)}`);
}
