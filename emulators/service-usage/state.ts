import type { Clock } from "../kit/clock.ts";
import type { KnownProject, Projects } from "../kit/projects.ts";

/** An API of a project. */
export type ServiceRecord = {
  /** When it was enabled last; null while it is not. */
  readonly enabledMs: number | null;
};

/** An operation, which is done from the start: nothing takes time here. */
export type OperationRecord = { readonly name: string; readonly response: unknown };

/** Everything that the emulator knows. */
export type UsageState = {
  /** By `projects/P/services/S`, with the project's id. */
  readonly services: Map<string, ServiceRecord>;
  /** By name. */
  readonly operations: Map<string, OperationRecord>;
  /** Service agents that were asked for, by address. */
  readonly agents: Map<string, true>;
};

/** The state with what surrounds it. */
export type ServiceUsage = {
  readonly state: UsageState;
  readonly projects: Projects;
  readonly clock: Clock;
  /** How long an API takes to answer after it was enabled. */
  readonly delayMs: () => number;
  /** The APIs that there are. */
  readonly services: () => readonly string[];
};

/** A state with nothing in it. */
export function emptyState(): UsageState {
  return { services: new Map(), operations: new Map(), agents: new Map() };
}

/** Whether an API was enabled, though calls may not see it yet. */
export function isOn({ state }: ServiceUsage, project: KnownProject, service: string): boolean {
  const record = state.services.get(`projects/${project.projectId}/services/${service}`);
  return (record?.enabledMs ?? null) !== null;
}

/** Whether an API answers in a project. One of a project that is not known answers. */
export function answers(usage: ServiceUsage, service: string, projectId: string): boolean {
  const project = usage.projects.find(projectId);
  if (project === null) {
    return true;
  }
  const record = usage.state.services.get(`projects/${project.projectId}/services/${service}`);
  const enabledMs = record?.enabledMs ?? null;
  return enabledMs !== null && enabledMs + usage.delayMs() <= usage.clock.now();
}
