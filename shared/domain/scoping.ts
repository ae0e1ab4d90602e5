/**
 * Where Cloud Monitoring keeps the alerts of a project: in the project itself, or in a scoping project that watches
 * over it. There may be one scoping project for all, and another one for single projects.
 * Source: https://cloud.google.com/monitoring/settings
 */
export type Scoping = {
  /** Null: each project by itself. */
  readonly everywhere: string | null;
  readonly ofProject: ReadonlyMap<string, string>;
};

/** Each project has its own alerts. */
export const UNSCOPED: Scoping = { everywhere: null, ofProject: new Map() };

/** The project that has a project's alerts and alert policies. */
export function scopingProjectOf({ everywhere, ofProject }: Scoping, project: string): string {
  return ofProject.get(project) ?? everywhere ?? project;
}
