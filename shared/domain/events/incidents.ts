import { fact } from "../audit-record.ts";
import type { Fact } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId } from "../ids.ts";
import type { Incident } from "../incident.ts";
import { environmentState } from "../state.ts";
import { shorten } from "../text.ts";

/** How many open incidents of an environment are kept: the worst ones, because more make no difference. */
export const INCIDENTS_MAX = 10;

/** How much of an alert policy's name is kept. */
const POLICY_LENGTH_MAX = 100;

/** The severities, the worst first. */
const RANKS: readonly Incident["severity"][] = ["UNKNOWN", "CRITICAL", "ERROR", "WARNING"];

/** The open incidents of an environment were read. Incidents that opened or closed since the last time are recorded. */
export function onIncidentsObserved(
  change: Change,
  environment: EnvironmentId,
  all: readonly Incident[],
): Change {
  const open = all
    .toSorted(
      (one, other) =>
        RANKS.indexOf(one.severity) - RANKS.indexOf(other.severity) ||
        other.openedAt - one.openedAt,
    )
    .slice(0, INCIDENTS_MAX)
    .map(({ id, policy, severity, openedAt }) => ({
      id,
      policy: shorten(policy, POLICY_LENGTH_MAX),
      severity,
      openedAt,
    }));
  const { incidents } = environmentState(change.state, environment);
  const before = incidents.kind === "read" ? incidents.open : [];
  const opened = open.filter(({ id }) => !before.some((other) => other.id === id));
  const closed = before.filter(({ id }) => !all.some((other) => other.id === id));
  const read = { kind: "read" as const, at: change.now, open };
  return record(
    putEnvironment(change, environment, { incidents: read }),
    ...opened.map((incident) => tell("incident.opened", environment, incident)),
    ...closed.map((incident) => tell("incident.closed", environment, incident)),
  );
}

function tell(
  kind: "incident.opened" | "incident.closed",
  environment: EnvironmentId,
  incident: Incident,
): Fact {
  const { id, policy, severity } = incident;
  return fact(kind, "monitoring", {
    environment,
    reason: policy,
    details: { incident: id, severity },
  });
}

/** The incidents could not be read: the environment's gate `incident` stays closed until they can. */
export function onIncidentsUnreadable(
  change: Change,
  environment: EnvironmentId,
  reason: string,
): Change {
  const incidents = { kind: "unreadable" as const, at: change.now, reason };
  return putEnvironment(change, environment, { incidents });
}
