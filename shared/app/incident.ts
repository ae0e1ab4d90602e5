import { blocksOnIncidents, isFresh } from "../domain/gates/incident.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { handle } from "./handle.ts";
import { lookAt } from "./look.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Monitoring says that an incident opened or closed in a project. Which ones are open is read afresh, for
 * every environment of that project that incidents concern.
 */
export async function onIncident(ports: Ports, project: string): Promise<Outcome> {
  const services = await ports.store.findByProject(project);
  let count = 0;
  for (const { state } of services) {
    for (const environment of state.service.environments) {
      if (environment.project === project && isConcerned(environment)) {
        await readIncidents(ports, state, environment);
        count += 1;
      }
    }
  }
  return count === 0
    ? ignored(`incidents of project ${project} concern no environment`)
    : decided(`the incidents of ${count} environments were read`);
}

/**
 * Reads an environment's incidents where somebody is about to be told what its gates say and the last
 * reading is too old for that. Gives whether it read them: then the state has to be loaded anew.
 */
export async function refreshIncidents(
  ports: Ports,
  state: ServiceState,
  environment: Environment,
): Promise<boolean> {
  const { incidents } = environmentState(state, environment.id);
  if (!isConcerned(environment) || isFresh(incidents, ports.clock.now())) {
    return false;
  }
  await readIncidents(ports, state, environment);
  return true;
}

function isConcerned({ policy }: Environment): boolean {
  return blocksOnIncidents(policy) || policy.alerts.warn.length > 0;
}

async function readIncidents(
  ports: Ports,
  { service }: ServiceState,
  { id, project }: Environment,
): Promise<void> {
  const event = await lookAt.incidents(ports, service.id, { environment: id, project });
  await handle(ports, service.id, event);
}
