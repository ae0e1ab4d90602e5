import type { Environment } from "../../shared/domain/service.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import type { Page } from "./layout.ts";

type Trail = NonNullable<Page["trail"]>;

const OVERVIEW = { name: "Overview", path: "/" };

/** The way to what belongs to a service. */
export function serviceTrail({ service }: ServiceState): Trail {
  return [OVERVIEW, { name: service.name, path: `/services/${service.id}` }];
}

/** The way to a service itself. */
export const OVERVIEW_TRAIL: Trail = [OVERVIEW];

/** The way to what belongs to an environment. */
export function environmentTrail(state: ServiceState, environment: Environment): Trail {
  const path = `/services/${state.service.id}/environments/${environment.id}`;
  return [...serviceTrail(state), { name: environment.id, path }];
}
