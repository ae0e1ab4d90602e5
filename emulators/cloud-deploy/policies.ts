import type { Api } from "../kit/call.ts";
import { type PolicyKeeper, policyApi, policyMethods } from "../kit/access/policy-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { canonicalName } from "./names.ts";
import type { World } from "./world.ts";

const PATHS = ["deliveryPipelines", "targets", "customTargetTypes"].map(
  (kind) => `projects/*/locations/*/${kind}/*`,
);

/** The policies of pipelines, targets and types of custom targets. */
export function toPolicyApi({ state }: World, keeper: PolicyKeeper): Api {
  const methods = policyMethods(keeper, (resource) => {
    const kinds = [state.pipelines, state.targets, state.customTargetTypes];
    const name = canonicalName(state.projects, resource);
    if (!kinds.some((records) => records.has(name))) {
      throw googleError("NOT_FOUND", `Resource '${resource}' was not found`);
    }
    return name;
  });
  return policyApi(methods, PATHS);
}
