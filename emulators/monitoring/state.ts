import type { Clock } from "../kit/clock.ts";
import type { Publisher } from "../kit/publisher.ts";
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
  readonly counts: Map<"made", number>;
};

/** The state with what surrounds it; every operation takes it first. */
export type Monitoring = {
  readonly state: State;
  readonly projects: Projects;
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    dashboards: new Map(),
    policies: new Map(),
    channels: new Map(),
    incidents: new Map(),
    counts: new Map(),
  };
}

/** A number that was not given out before. */
export function nextNumber(state: State): number {
  const made = (state.counts.get("made") ?? 0) + 1;
  state.counts.set("made", made);
  return made;
}
