import { knownServices } from "../kit/access/service-titles.ts";
import { realClock } from "../kit/clock.ts";
import type { Projects } from "../kit/projects.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { isAgent } from "./agents.ts";
import { toMethods } from "./methods.ts";
import { answers, emptyState, type ServiceUsage } from "./state.ts";

/** How the emulator runs. */
export type ServiceUsageOptions = EmulatorOptions & {
  readonly projects: Projects;
  /** The APIs that are enabled in every project from the start; all that are known when left out. */
  readonly enabled?: readonly string[] | undefined;
  /** The APIs that are enabled beside those in one project, by its id. */
  readonly enabledIn?: Readonly<Record<string, readonly string[]>> | undefined;
};

/** The emulator while it runs. */
export type RunningServiceUsage = RunningServer & {
  /** How long an API takes to answer after it was enabled. Nothing at first. */
  readonly delay: (milliseconds: number) => void;
};

const STORE_NAME = "service-usage";
const SERVICE = "serviceusage.googleapis.com";

/**
 * Starts an emulator of Service Usage. With `access`, calls of an API that is not enabled in the caller's project
 * are refused by every emulator of the cloud, and service agents may be named in policies once they were asked for.
 * @throws Error when the port is taken.
 */
export async function startServiceUsage(
  options: ServiceUsageOptions,
): Promise<RunningServiceUsage> {
  const { clock = realClock(), access, projects } = options;
  const state = keepMaps(options.persistence, STORE_NAME, emptyState());
  let delayMs = 0;
  const usage: ServiceUsage = {
    state,
    projects,
    clock,
    delayMs: () => delayMs,
    services: knownServices,
  };
  function begin(): void {
    const services = options.enabled ?? knownServices();
    for (const { projectId } of projects.all()) {
      [...services, ...(options.enabledIn?.[projectId] ?? [])].forEach((service) => {
        state.services.set(`projects/${projectId}/services/${service}`, { enabledMs: 0 });
      });
    }
  }
  if (state.services.size === 0) {
    begin();
  }
  const others = access?.directory().memberProblem;
  access?.use({
    isEnabled: (service, project) => answers(usage, service, project),
    memberProblem: (member) => agentProblem(usage, member) ?? others?.(member) ?? null,
  });
  const server = await serve({
    ...options,
    clock,
    state,
    rest: toMethods(usage),
    guard: { service: SERVICE },
  });
  return {
    ...server,
    delay: (milliseconds) => {
      delayMs = milliseconds;
    },
    reset: () => {
      server.reset();
      begin();
    },
  };
}

/** An agent is there once it was asked for. */
function agentProblem({ state, projects }: ServiceUsage, member: string): string | null {
  const email = member.replace(/^serviceAccount:/, "");
  const isOurs = projects.all().some(({ number }) => email.startsWith(`service-${number}@`));
  return isAgent(email) && isOurs && !state.agents.has(email)
    ? `Service account ${email} does not exist.`
    : null;
}
