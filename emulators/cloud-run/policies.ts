import { notFound } from "./names.ts";
import type { CloudRun } from "./state.ts";

/**
 * The name of a service or job that has a policy.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
 * @throws GoogleError NOT_FOUND
 */
export function locatePolicy(run: CloudRun, resource: string): string {
  const { services, jobs } = run.state;
  if (!services.has(resource) && !jobs.has(resource) && !run.isFunction(resource)) {
    throw notFound(resource.includes("/jobs/") ? "Job" : "Service", resource);
  }
  return resource;
}
