import { type PolicyMethods, policyMethods } from "../kit/access/policy-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { idOf } from "./names.ts";
import type { CloudRun } from "./state.ts";

/**
 * The methods of the policies of services and jobs.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
 */
export function policiesOf(run: CloudRun): PolicyMethods {
  return policyMethods(run.keeper, (resource) => locatePolicy(run, resource));
}

/** The name of a service or job that has a policy. @throws GoogleError NOT_FOUND */
export function locatePolicy(run: CloudRun, resource: string): string {
  const isThere = run.state.services.has(resource) || run.state.jobs.has(resource);
  if (!isThere && !run.isFunction(resource)) {
    throw googleError("NOT_FOUND", `Resource '${idOf(resource)}' does not exist.`);
  }
  return resource;
}
