import type { Incident } from "./state.ts";

const SCHEMA_VERSION = "1.2";

/** What an incident is about, by its condition's filter. Whose it is of a project's resources is not measured here. */
export function resourceOf({ condition, project }: Incident): {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
} {
  const { conditionThreshold, conditionMatchedLog } = condition;
  const filter = conditionThreshold?.filter ?? conditionMatchedLog?.filter ?? "";
  const type = /\bresource\.type\s*=\s*"([^"]+)"/.exec(filter)?.[1] ?? "global";
  return { type, labels: { project_id: project } };
}

/**
 * The message that a Pub/Sub channel gets about an incident, in version 1.2 of the schema.
 * Source: https://cloud.google.com/monitoring/support/notification-options and two captured messages in
 * https://github.com/flanksource/canary-checker
 */
export function toNotification(incident: Incident): object {
  const { id, project, policy, condition, openMs, closeMs } = incident;
  const { userLabels = {}, displayName } = policy;
  return {
    version: SCHEMA_VERSION,
    incident: {
      incident_id: id,
      scoping_project_id: project,
      started_at: toSeconds(openMs),
      ended_at: closeMs === null ? null : toSeconds(closeMs),
      state: closeMs === null ? "open" : "closed",
      resource: resourceOf(incident),
      policy_name: displayName,
      ...(Object.keys(userLabels).length > 0 && { policy_user_labels: userLabels }),
      condition_name: condition.displayName,
    },
  };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
