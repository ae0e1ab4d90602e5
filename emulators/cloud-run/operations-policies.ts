import type { Policy } from "../kit/access/policy.ts";
import {
  type PolicyMethods,
  policyMethods,
  policyOperations,
} from "../kit/access/policy-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { idOf } from "./names.ts";
import type { CloudRun } from "./state.ts";

/**
 * The methods of the policies of services and jobs.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services/setIamPolicy
 */
export function policiesOf(run: CloudRun): PolicyMethods {
  return policyMethods(run.keeper, (resource) => locate(run, resource));
}

/** The policy of one of them. @throws GoogleError NOT_FOUND */
export function policyOf(run: CloudRun, resource: string): Policy {
  return policyOperations(run.keeper, (name) => locate(run, name)).get({ resource });
}

function locate(run: CloudRun, resource: string): string {
  const isThere = run.state.services.has(resource) || run.state.jobs.has(resource);
  if (!isThere && !run.isFunction(resource)) {
    throw googleError("NOT_FOUND", `Resource '${idOf(resource)}' does not exist.`);
  }
  return resource;
}
