import { knownServices } from "../kit/access/service-titles.ts";
import type { Projects } from "../kit/projects.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { isAgent } from "./agents.ts";
import { toMethods } from "./methods.ts";
import { isOn, keyOf, type ServiceUsage } from "./state.ts";

/** How the emulator runs. */
export type ServiceUsageOptions = EmulatorOptions & {
  readonly projects: Projects;
  /** The APIs that are enabled in every project from the start; all that are known when left out. */
  readonly enabled?: readonly string[] | undefined;
  /** The APIs that are enabled beside those in one project, by its id. */
  readonly enabledIn?: Readonly<Record<string, readonly string[]>> | undefined;
};

const STORE_NAME = "service-usage";

/**
 * Starts an emulator of Service Usage. With `access`, calls of an API that is not enabled in the caller's project
 * are refused by every emulator of the cloud, and service agents may be named in policies once they were asked for.
 * A reset goes back to what was enabled at the start.
 * @throws Error when the port is taken.
 */
export async function startServiceUsage(options: ServiceUsageOptions): Promise<RunningServer> {
  const { access, projects, enabledIn = {} } = options;
  const state = { enabled: new Map(), operations: new Map(), agents: new Map() };
  const usage: ServiceUsage = { ...state, projects };
  keepMaps(options.persistence, STORE_NAME, state);
  function begin(): void {
    const services = options.enabled ?? knownServices();
    for (const project of projects.all()) {
      [...services, ...(enabledIn[project.projectId] ?? [])].forEach((service) =>
        usage.enabled.set(keyOf(project, service), true),
      );
    }
  }
  if (usage.enabled.size === 0) {
    begin();
  }
  const others = access?.directory().memberProblem;
  access?.use({
    isEnabled: (service, projectId) => {
      const project = projects.find(projectId);
      return project === null || isOn(usage, project, service);
    },
    memberProblem: (member) => agentProblem(usage, member) ?? others?.(member) ?? null,
  });
  const server = await serve({
    ...options,
    state,
    rest: toMethods(usage),
    guard: { service: "serviceusage.googleapis.com" },
  });
  return {
    ...server,
    reset: () => {
      server.reset();
      begin();
    },
  };
}

/** An agent is there once it was asked for. */
function agentProblem({ agents, projects }: ServiceUsage, member: string): string | null {
  const email = member.replace(/^serviceAccount:/, "");
  const isOurs = projects.all().some(({ number }) => email.startsWith(`service-${number}@`));
  return isAgent(email) && isOurs && !agents.has(email)
    ? `Service account ${email} does not exist.`
    : null;
}
