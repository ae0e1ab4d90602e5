import type { ServiceEvent } from "../domain/event.ts";
import { blocksOnIncidents } from "../domain/gates/incident.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { reachEach } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import { lookAt } from "./look.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Monitoring says that an incident opened or closed in a project. Which ones are open is read afresh, for
 * every environment of that project that incidents concern.
 */
export async function onIncident(ports: Ports, project: string): Promise<Outcome> {
  const services = await ports.store.findByProject(project);
  const counts = await reachEach(ports, services, async (seen, own) => readFor(own, seen, project));
  const count = counts.reduce((sum, one) => sum + one, 0);
  return count === 0
    ? ignored(`incidents of project ${project} concern no environment`)
    : decided(`the incidents of ${count} environments were read`);
}

/** @returns how many of the service's environments in the project were read. */
async function readFor(ports: Ports, seen: SeenService, project: string): Promise<number> {
  const concerned = seen.state.service.environments.filter(
    (environment) => environment.project === project && isConcerned(environment),
  );
  const events: ServiceEvent[] = [];
  for (const environment of concerned) {
    events.push(await readIncidents(ports, seen.state, environment));
  }
  await handleSeen(ports, seen, events);
  return concerned.length;
}

/** Whether what happens to an environment depends on its incidents, or is told with them. */
export function isConcerned({ policy }: Environment): boolean {
  return blocksOnIncidents(policy) || policy.alerts.warn.length > 0;
}

/** The open incidents of an environment, or why they cannot be read. */
export async function readIncidents(
  ports: Ports,
  { service }: ServiceState,
  { id, project }: Environment,
): Promise<ServiceEvent> {
  return lookAt.incidents(ports, service.id, { environment: id, project });
}
