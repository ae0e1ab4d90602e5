import { onIncident } from "../shared/app/incident.ts";
import { decided, ignored } from "../shared/app/outcome.ts";
import type { Outcome } from "../shared/app/outcome.ts";
import type { Ports } from "../shared/ports/ports.ts";
import { parseIncident } from "../shared/wire/incident.ts";
import type { IncidentHint } from "../shared/wire/incident.ts";
import type { MessageFunction } from "./message-function.ts";

/** Cloud Monitoring's Pub/Sub channel: an incident opened or closed. */
export const onIncidentFunction: MessageFunction<IncidentHint> = {
  name: "on-incident",
  isNoted: true,
  parse: parseIncident,
  run: async (ports, { projects }) =>
    projects.length === 0
      ? ignored("a test of the notification channel")
      : readProjects(ports, projects),
};

async function readProjects(ports: Ports, projects: readonly string[]): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const project of projects) {
    outcomes.push(await onIncident(ports, project));
  }
  const told = outcomes.flatMap((outcome) => (outcome.kind === "decided" ? [outcome.what] : []));
  const passed = outcomes.flatMap((outcome) => (outcome.kind === "ignored" ? [outcome.why] : []));
  return told.length === 0 ? ignored(passed.join("; ")) : decided(told.join("; "));
}
