import { googleError } from "../kit/google-error.ts";
import { closeIncident, openIncident, openIncidentsOf } from "./incidents.ts";
import { notFound, parseName } from "./names.ts";
import { notifyTest } from "./notify.ts";
import { getChannel } from "./operations-channels.ts";
import type { Incident } from "./resources.ts";
import type { Violation } from "./series.ts";
import type { Monitoring } from "./state.ts";

/** Which incident of a policy ends, and what is seen then. */
export type End = {
  /** The alert's name or its id; without it, all that are open. */
  readonly alert?: string | undefined;
  readonly observedValue?: string | undefined;
};

/** What the service would find out by measuring; here it is said. */
export type Incidents = {
  /**
   * A time series violates a condition of a policy, `projects/P/alertPolicies/ID`.
   * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION when the policy is disabled
   */
  readonly open: (policy: string, violation?: Violation) => Incident;
  /**
   * It does no longer.
   * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION when nothing is open
   */
  readonly close: (policy: string, end?: End) => readonly Incident[];
  /** Somebody tries a channel out, `projects/P/notificationChannels/ID`. @throws GoogleError NOT_FOUND */
  readonly test: (channel: string) => void;
};

/** The control of a state's incidents; `changed` is told after each change. */
export function controlIncidents(monitoring: Monitoring, changed: () => void): Incidents {
  return {
    open: (policy, violation = {}) => {
      const name = parseName(monitoring.projects, "alertPolicies", policy);
      const incident = openIncident(monitoring, name, violation);
      changed();
      return incident;
    },
    close: (policy, end = {}) => {
      const name = parseName(monitoring.projects, "alertPolicies", policy);
      const closed = closeAll(monitoring, name, end);
      changed();
      return closed;
    },
    test: (channel) => notifyTest(monitoring, getChannel(monitoring, { name: channel })),
  };
}

function closeAll(monitoring: Monitoring, name: string, end: End): readonly Incident[] {
  const policy = monitoring.state.policies.get(name);
  if (policy === undefined) {
    throw notFound("Alert policy", name);
  }
  const id = end.alert?.split("/").at(-1);
  const open = openIncidentsOf(monitoring, name).filter((one) => id === undefined || one.id === id);
  if (open.length === 0) {
    throw googleError("FAILED_PRECONDITION", `${name} has no open incident ${id ?? ""}`.trimEnd());
  }
  return open.map((incident) => {
    const observedValue = end.observedValue ?? normalFor(incident);
    return closeIncident(monitoring, incident, { policy, observedValue });
  });
}

/** A value that does not violate the condition, for when nobody says which one is seen. */
function normalFor({ condition }: Incident): string {
  const threshold = condition.conditionThreshold;
  return threshold === undefined ? "" : (threshold.thresholdValue ?? 0).toFixed(3);
}
