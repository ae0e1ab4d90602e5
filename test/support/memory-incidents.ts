import type { Clock } from "../../shared/ports/clock.ts";
import type { Incidents, OpenIncident } from "../../shared/ports/incidents.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** The open incidents of each project, in the order in which they opened. */
export type IncidentsWorld = Map<string, readonly OpenIncident[]>;

/** Opens and closes incidents, which Monitoring does by itself. */
export type IncidentsHand = {
  /** Opens one now; what is not said is CRITICAL, of the policy `errors` without labels, and numbered. */
  readonly open: (project: string, parts?: Partial<OpenIncident>) => OpenIncident;
  /** Closes the project's incident of that id, or all of them. */
  readonly close: (project: string, id?: string) => void;
};

/** The incidents port on a world in memory. */
export function memoryIncidents(world: IncidentsWorld, calls: MemoryCalls): Incidents {
  return {
    listOpen: (project) => calls.make("incidents.listOpen", () => world.get(project) ?? []),
  };
}

/** What opens and closes the incidents of a world in memory. */
export function incidentsHand(world: IncidentsWorld, clock: Clock): IncidentsHand {
  let opened = 0;
  return {
    open: (project, parts = {}) => {
      opened += 1;
      const incident: OpenIncident = {
        id: `0.incident${opened}`,
        policy: "errors",
        severity: "CRITICAL",
        openedAt: clock.now(),
        service: null,
        environment: null,
        ...parts,
      };
      world.set(project, [...(world.get(project) ?? []), incident]);
      return incident;
    },
    close: (project, id) => {
      const open = world.get(project) ?? [];
      world.set(
        project,
        open.filter((incident) => id !== undefined && incident.id !== id),
      );
    },
  };
}
