import type { Clock } from "../kit/clock.ts";
import type { Publisher } from "../kit/publisher.ts";
import { projectOf } from "./names.ts";
import type { NotificationFaultPlan } from "./notification-faults.ts";
import type { Projects } from "./projects.ts";
import type { Incident, StoredChannel, StoredPolicy } from "./resources.ts";

/** A dashboard; its layout is kept as it was given. */
export type StoredDashboard = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly etag: string;
};

/** Everything that the emulator knows. */
export type State = {
  readonly dashboards: Map<string, StoredDashboard>;
  readonly policies: Map<string, StoredPolicy>;
  readonly channels: Map<string, StoredChannel>;
  /** By id, oldest first. */
  readonly incidents: Map<string, Incident>;
  /** How much was ever made, so that no id comes twice. */
  made: number;
};

/** The state with what surrounds it; every operation takes it first. */
export type Monitoring = {
  readonly state: State;
  readonly projects: Projects;
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
  readonly notificationFaults: NotificationFaultPlan;
};

type Kept = {
  readonly dashboards?: readonly StoredDashboard[];
  readonly policies: readonly StoredPolicy[];
  readonly channels: readonly StoredChannel[];
  readonly incidents: readonly Incident[];
  readonly made: number;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    dashboards: new Map(),
    policies: new Map(),
    channels: new Map(),
    incidents: new Map(),
    made: 0,
  };
}

/** Forgets everything. */
export function clearState(state: State): void {
  state.dashboards.clear();
  state.policies.clear();
  state.channels.clear();
  state.incidents.clear();
}

/** The state as JSON. */
export function toStored({ dashboards, policies, channels, incidents, made }: State): unknown {
  const kept: Kept = {
    dashboards: [...dashboards.values()],
    policies: [...policies.values()],
    channels: [...channels.values()],
    incidents: [...incidents.values()],
    made,
  };
  return kept;
}

/** Fills an empty state from what `toStored` made, and lets the projects in it be known. */
export function restore(state: State, projects: Projects, stored: unknown): void {
  if (stored === undefined) {
    return;
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only toStored writes it
  const kept = stored as Kept;
  for (const dashboard of kept.dashboards ?? []) {
    state.dashboards.set(dashboard.name, dashboard);
  }
  for (const policy of kept.policies) {
    projects.toId(projectOf(policy.name));
    state.policies.set(policy.name, policy);
  }
  for (const channel of kept.channels) {
    projects.toId(projectOf(channel.name));
    state.channels.set(channel.name, channel);
  }
  for (const incident of kept.incidents) {
    state.incidents.set(incident.id, incident);
  }
  state.made = kept.made;
}

/** A number that was not given out before. */
export function nextNumber(state: State): number {
  state.made += 1;
  return state.made;
}
