import type { Incident } from "../domain/incident.ts";

/** An open incident with what says whose it is. */
export type OpenIncident = Incident & {
  /** The alert policy's user labels `service` and `environment`, null where it has none. */
  readonly service: string | null;
  readonly environment: string | null;
};

/** The monitoring of projects. */
export type Incidents = {
  /**
   * Every open incident of a project, all pages.
   * @throws TransientError or PermanentError when they cannot be read, in whole or in part.
   */
  readonly listOpen: (project: string) => Promise<readonly OpenIncident[]>;
};
