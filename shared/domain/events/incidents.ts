import { fact } from "../audit-record.ts";
import type { Fact } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId } from "../ids.ts";
import type { Incident } from "../incident.ts";
import { environmentState } from "../state.ts";

/** How many open incidents of an environment are kept; more make no difference. */
export const INCIDENTS_MAX = 50;

/** The open incidents of an environment were read. Those that opened or closed since are recorded. */
export function onIncidentsObserved(
  change: Change,
  environment: EnvironmentId,
  open: readonly Incident[],
): Change {
  const { incidents } = environmentState(change.state, environment);
  const before = incidents.kind === "read" ? incidents.open : [];
  const opened = open.filter(({ id }) => !before.some((other) => other.id === id));
  const closed = before.filter(({ id }) => !open.some((other) => other.id === id));
  const read = { kind: "read" as const, at: change.now, open: open.slice(0, INCIDENTS_MAX) };
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

/** The incidents could not be read: until they are, none of the environment's gates opens on them. */
export function onIncidentsUnreadable(
  change: Change,
  environment: EnvironmentId,
  reason: string,
): Change {
  const incidents = { kind: "unreadable" as const, at: change.now, reason };
  return putEnvironment(change, environment, { incidents });
}
