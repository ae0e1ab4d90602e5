import { googleError } from "../kit/google-error.ts";
import type { Due } from "../kit/pace.ts";
import { toNotification } from "./notification.ts";
import { type AlertPolicy, isLogBased, toMs } from "./rules.ts";
import {
  type Incident,
  type Monitoring,
  nextNumber,
  notFound,
  numberFor,
  projectOf,
} from "./state.ts";

/** Source: https://cloud.google.com/monitoring/alerts/incidents-events#incidents-closing */
const AUTO_CLOSE_DEFAULT = "604800s";

/** What the service would find out by measuring; here it is said. A policy has one incident at a time. */
export type Incidents = {
  /**
   * The first condition of a policy, `projects/P/alertPolicies/ID`, is met. Where an incident is open it goes on, and
   * its automatic closing is put off.
   * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION when the policy is disabled
   */
  readonly open: (policy: string) => Incident;
  /** It is not any more. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION when nothing is open */
  readonly close: (policy: string) => Incident;
};

/** The control of a state's incidents; `changed` is told after each change. */
export function controlIncidents(monitoring: Monitoring, changed: () => void): Incidents {
  const { incidents, clock } = monitoring;
  return {
    open: (asked) => {
      const policy = monitoring.policies.find(asked);
      if (policy.enabled === false) {
        throw googleError("FAILED_PRECONDITION", `Alert policy ${policy.name} is disabled.`);
      }
      const nowMs = clock.now();
      const known = openIncidentOf(monitoring, policy);
      const incident =
        known === undefined ? begin(monitoring, policy) : { ...known, dataMs: nowMs };
      incidents.set(incident.id, incident);
      if (known === undefined) {
        tell(monitoring, incident, policy);
      }
      changed();
      return incident;
    },
    close: (asked) => {
      const policy = monitoring.policies.find(asked);
      const open = openIncidentOf(monitoring, policy);
      if (open === undefined) {
        throw googleError("FAILED_PRECONDITION", `${policy.name} has no open incident`);
      }
      const closed = closeIncident(monitoring, open, policy);
      changed();
      return closed;
    },
  };
}

function begin({ counts, clock }: Monitoring, policy: AlertPolicy): Incident {
  const [condition] = policy.conditions;
  if (condition === undefined) {
    throw notFound("Condition", policy.name);
  }
  const digits = numberFor(`${policy.name}@${nextNumber({ counts })}`).toString(36);
  return {
    id: `0.${digits.padStart(12, "0").slice(0, 12)}`,
    project: projectOf(policy.name),
    policy,
    condition,
    openMs: clock.now(),
    closeMs: null,
    dataMs: clock.now(),
  };
}

/** Closes an incident and tells the policy's channels; one about logs never tells its end. */
function closeIncident(monitoring: Monitoring, incident: Incident, policy: AlertPolicy): Incident {
  const closed = { ...incident, closeMs: monitoring.clock.now() };
  monitoring.incidents.set(closed.id, closed);
  if (!isLogBased(policy)) {
    tell(monitoring, closed, policy);
  }
  return closed;
}

/** Closes what is open of a policy whose condition has changed or gone. */
export function cancelIncidents(
  monitoring: Monitoring,
  policy: AlertPolicy,
  isKept: (incident: Incident) => boolean,
): void {
  const open = openIncidentOf(monitoring, policy);
  if (open !== undefined && !isKept(open)) {
    closeIncident(monitoring, open, policy);
  }
}

function openIncidentOf({ incidents }: Monitoring, { name }: AlertPolicy): Incident | undefined {
  return [...incidents.values()].find(
    ({ policy, closeMs }) => policy.name === name && closeMs === null,
  );
}

/** The open incidents, each to close by itself when it was not seen again for long enough. */
export function closings(monitoring: Monitoring): readonly Due[] {
  const { incidents, policies } = monitoring;
  return [...incidents.values()].flatMap((incident) => {
    const policy = policies.records.get(incident.policy.name);
    if (incident.closeMs !== null || policy === undefined) {
      return [];
    }
    const lastsMs = toMs(policy.alertStrategy?.autoClose ?? AUTO_CLOSE_DEFAULT);
    const happen = (): unknown => closeIncident(monitoring, incident, policy);
    return [{ atMs: incident.dataMs + lastsMs, happen }];
  });
}

/** Tells a policy's channels what an incident is now. */
function tell({ channels, publisher }: Monitoring, incident: Incident, policy: AlertPolicy): void {
  const data = Buffer.from(JSON.stringify(toNotification(incident)));
  for (const name of policy.notificationChannels ?? []) {
    const channel = channels.records.get(name);
    if (channel !== undefined && channel.enabled !== false) {
      publisher?.publish(channel.labels["topic"] ?? "", { data });
    }
  }
}
