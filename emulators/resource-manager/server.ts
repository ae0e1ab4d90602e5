import { realClock } from "../kit/clock.ts";
import { policyKeeper } from "../kit/access/policy-methods.ts";
import { policyRules } from "../kit/access/rules.ts";
import type { Projects } from "../kit/projects.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { policiesOf, SERVICE, toMethods } from "./methods.ts";

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
  const { clock = realClock(), access, projects } = options;
  const keeper = policyKeeper(options, STORE_NAME);
  access?.use({ projectId: (name) => projects.find(name)?.projectId ?? name });
  return serve({
    ...options,
    clock,
    apis: [policiesOf({ projects, keeper })],
    rest: toMethods({ projects, keeper }),
    guard: { service: SERVICE, rules: policyRules("resourcemanager.projects") },
  });
}
