import { texts } from "../resource.ts";
import type { Change } from "../engine/plan.ts";

/** Whether an API is on in a project; unknown for a project that the installation does not look into. */
export type ApiState = (project: string, api: string) => "on" | "off" | "unknown";

/** What a comparison with the cloud shows of the APIs. */
export function apiStates(changes: readonly Change[]): ApiState {
  const on = new Map(
    changes
      .filter(({ resource }) => resource.kind === "apis")
      .map(({ resource, found }) => [resource.project, new Set(texts(found?.["enabled"]))]),
  );
  return (project, api) => {
    const known = on.get(project);
    if (known === undefined) {
      return "unknown";
    }
    return known.has(api) ? "on" : "off";
  };
}
