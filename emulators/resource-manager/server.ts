import { realClock } from "../kit/clock.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import { faultPlan } from "../kit/faults.ts";
import type { Projects } from "../kit/projects.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { SERVICE, toMethods } from "./methods.ts";

/** How the emulator runs. Projects are not made through it. */
export type ResourceManagerOptions = EmulatorOptions & { readonly projects: Projects };

const STORE_NAME = "resource-manager";

/**
 * Starts an emulator of the Resource Manager API, versions 1 and 3: projects and their policies.
 * @throws Error when the port is taken.
 */
export async function startResourceManager(
  options: ResourceManagerOptions,
): Promise<RunningServer> {
  const { clock = realClock(), faults = faultPlan(), port, access, projects } = options;
  const { persistence } = options;
  const keeper = policyKeeper({ access, clock, persistence }, STORE_NAME);
  access?.use({ projectId: (name) => projects.find(name)?.projectId ?? name });
  const guard = access === undefined ? undefined : { access, service: SERVICE };
  return serve({
    apis: [],
    persistence,
    http: (app) => addRestTable(app, toMethods({ projects, keeper }), { clock, faults, guard }),
    clock,
    faults,
    port,
  });
}
