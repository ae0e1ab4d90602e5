import type { Incident, IncidentReading } from "../incident.ts";
import type { Policy } from "../policy.ts";
import { environmentState, stageBefore } from "../state.ts";
import { nameSome } from "../text.ts";
import { after, minutes } from "../time.ts";
import type { Instant } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN, warning } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** How old a reading of the incidents may be for the gate to rely on it. */
export const READING_MAX = minutes(2);

/** How many incidents a gate tells of; the others are counted. */
const INCIDENTS_TOLD_MAX = 3;

/** Open while a fresh reading shows no open incident of a severity that blocks. */
export function judgeIncident(context: GateContext): Verdict {
  const { state, environment, now } = context;
  const { alerts } = environment.policy;
  const { incidents } = environmentState(state, environment.id);
  if (!blocksOnIncidents(environment.policy)) {
    return warn(context, incidents);
  }
  if (incidents.kind === "unreadable") {
    return closed(`the incidents of ${environment.id} cannot be read: ${incidents.reason}`);
  }
  if (!isFresh(incidents, now) || incidents.kind === "never") {
    return closed(`the incidents of ${environment.id} are being read, which takes a moment`);
  }
  const blocking = incidents.open.filter(({ severity }) => isBlocking(alerts.block, severity));
  return blocking.length === 0
    ? warn(context, incidents)
    : closed(
        nameSome(
          blocking.map((incident) => tell(incident, environment.id)),
          INCIDENTS_TOLD_MAX,
          "; ",
        ),
      );
}

/** Whether the policy lets incidents of any severity block promotions. */
export function blocksOnIncidents({ alerts }: Policy): boolean {
  return alerts.block.length > 0;
}

/** Whether incidents of a severity close the gate. An unknown severity counts as the worst. */
export function isBlocking(
  block: Policy["alerts"]["block"],
  severity: Incident["severity"],
): boolean {
  return severity === "UNKNOWN" ? block.length > 0 : block.includes(severity);
}

/** Whether a reading is young enough to rely on. */
export function isFresh(reading: IncidentReading, now: Instant): boolean {
  return reading.kind === "read" && now <= after(reading.at, READING_MAX);
}

/** Open, with a warning about lesser incidents and about incidents in the stage before. */
function warn({ state, environment }: GateContext, incidents: IncidentReading): Verdict {
  const { alerts } = environment.policy;
  const before = stageBefore(state.service, environment);
  const lesser = openIn(incidents).filter(({ severity }) =>
    severity === "UNKNOWN" ? alerts.warn.length > 0 : alerts.warn.includes(severity),
  );
  const told = [
    ...lesser.map((incident) => tell(incident, environment.id)),
    ...(before === null
      ? []
      : openIn(environmentState(state, before.id).incidents).map((incident) =>
          tell(incident, before.id),
        )),
  ];
  return told.length === 0 ? OPEN : warning(nameSome(told, INCIDENTS_TOLD_MAX, "; "));
}

function openIn(reading: IncidentReading): readonly Incident[] {
  return reading.kind === "read" ? reading.open : [];
}

function tell(incident: Incident, environment: string): string {
  return `${incident.policy} (${incident.severity}, incident ${incident.id}) is open in ${environment}`;
}
