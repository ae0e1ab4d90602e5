import { googleError } from "../kit/google-error.ts";
import { toMs } from "./duration.ts";
import { incidentIdFor, notFound } from "./names.ts";
import { notify } from "./notify.ts";
import type { Incident, StoredPolicy } from "./resources.ts";
import { isSameSeries, toIncident, type Violation } from "./series.ts";
import { type Monitoring, nextNumber } from "./state.ts";
import { isLogBased } from "./strategy-rules.ts";

/** Source: https://cloud.google.com/monitoring/alerts/incidents-events#incidents-closing */
const AUTO_CLOSE_DEFAULT = "604800s";

/** How an incident ends. */
export type Closing = {
  /** The policy by whose channels and strategy the end is told. */
  readonly policy: StoredPolicy;
  readonly observedValue: string;
};

/**
 * Opens an incident and tells the policy's channels. A time series that has an open incident goes on in
 * it: its automatic closing is put off; only a log-based policy tells it again, within its rate limit.
 * @throws GoogleError NOT_FOUND without such a policy or condition, FAILED_PRECONDITION when it is disabled
 */
export function openIncident(
  monitoring: Monitoring,
  policyName: string,
  violation: Violation,
): Incident {
  const { state, clock } = monitoring;
  const policy = state.policies.get(policyName);
  if (policy === undefined) {
    throw notFound("Alert policy", policyName);
  }
  if (policy.enabled === false) {
    throw googleError("FAILED_PRECONDITION", `Alert policy ${policyName} is disabled.`);
  }
  const fresh = toIncident(policy, violation, clock.now());
  const known = openIncidentsOf(monitoring, policyName).find((one) => isSameSeries(one, fresh));
  if (known === undefined) {
    const id = incidentIdFor(`${policyName}@${nextNumber(state)}`);
    const incident = { ...fresh, id };
    state.incidents.set(id, incident);
    return notifyOpened(monitoring, incident, policy);
  }
  const seen = { ...known, dataMs: clock.now() };
  state.incidents.set(seen.id, seen);
  return isLogBased(policy) ? notifyOpened(monitoring, seen, policy) : seen;
}

/** Closes an incident and tells the policy's channels, where its strategy says so. */
export function closeIncident(
  monitoring: Monitoring,
  incident: Incident,
  { policy, observedValue }: Closing,
): Incident {
  const closed = { ...incident, closeMs: monitoring.clock.now(), observedValue };
  monitoring.state.incidents.set(closed.id, closed);
  const { notificationPrompts: prompts = [] } = policy.alertStrategy ?? {};
  const isTold = !isLogBased(policy) && (prompts.length === 0 || prompts.includes("CLOSED"));
  if (isTold) {
    notify(monitoring, closed, policy.notificationChannels ?? []);
  }
  return closed;
}

/** The open incidents of a policy, oldest first. */
export function openIncidentsOf({ state }: Monitoring, policyName: string): readonly Incident[] {
  return [...state.incidents.values()].filter(
    ({ policy, closeMs }) => policy.name === policyName && closeMs === null,
  );
}

/** Brings the incidents up to now: closes what saw no data. */
export function settleIncidents(monitoring: Monitoring): void {
  const nowMs = monitoring.clock.now();
  for (const incident of monitoring.state.incidents.values()) {
    const policy = livePolicy(monitoring, incident);
    if (policy !== undefined && autoCloseTime(incident, policy) <= nowMs) {
      closeIncident(monitoring, incident, { policy, observedValue: incident.observedValue });
    }
  }
}

/** When `settleIncidents` has something to do next; null when nothing is open. */
export function nextIncidentTime(monitoring: Monitoring): number | null {
  const times = [...monitoring.state.incidents.values()].flatMap((incident) => {
    const policy = livePolicy(monitoring, incident);
    return policy === undefined ? [] : [autoCloseTime(incident, policy)];
  });
  return times.length === 0 ? null : Math.min(...times);
}

/** The policy of an open incident; undefined when the incident is closed. */
function livePolicy({ state }: Monitoring, incident: Incident): StoredPolicy | undefined {
  return incident.closeMs === null ? state.policies.get(incident.policy.name) : undefined;
}

function autoCloseTime({ dataMs }: Incident, { alertStrategy }: StoredPolicy): number {
  return dataMs + toMs(alertStrategy?.autoClose ?? AUTO_CLOSE_DEFAULT);
}

/** A log-based policy tells no more than its rate limit allows, over all its incidents. */
function notifyOpened(monitoring: Monitoring, incident: Incident, policy: StoredPolicy): Incident {
  const period = policy.alertStrategy?.notificationRateLimit?.period;
  if (period !== undefined) {
    const told = [...monitoring.state.incidents.values()]
      .filter((one) => one.policy.name === policy.name)
      .flatMap((one) => Object.values(one.notifiedMs));
    if (Math.max(Number.NEGATIVE_INFINITY, ...told) + toMs(period) > monitoring.clock.now()) {
      return incident;
    }
  }
  return notify(monitoring, incident, policy.notificationChannels ?? []);
}
