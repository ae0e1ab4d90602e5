import type { KnownProject, Projects } from "../kit/projects.ts";

/** Everything that the emulator knows, with the projects. */
export type ServiceUsage = {
  /** Whether an API is enabled, by `projects/P/services/S`, with the project's id. */
  readonly enabled: Map<string, boolean>;
  /** What operations ended with, by name: nothing takes time here. */
  readonly operations: Map<string, { readonly response: unknown }>;
  /** Service agents that were asked for, by address. */
  readonly agents: Map<string, true>;
  readonly projects: Projects;
};

/** Under what an API of a project is kept. */
export function keyOf({ projectId }: Pick<KnownProject, "projectId">, service: string): string {
  return `projects/${projectId}/services/${service}`;
}

/** Whether an API is enabled in a project. */
export function isOn({ enabled }: ServiceUsage, project: KnownProject, service: string): boolean {
  return enabled.get(keyOf(project, service)) === true;
}
