import {
  type PolicyMethods,
  policyMethods,
  type PolicyKeeper,
} from "../kit/access/policy-methods.ts";
import { operation, type Unary } from "../kit/call.ts";
import { unaryOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { advanceRollout, approveRollout, cancelRollout, retryJob } from "./actions.ts";
import { answering } from "./answers.ts";
import { canonicalName } from "./names.ts";
import { configOf } from "./releases.ts";
import { kindsIn, type World } from "./world.ts";

/** What has a policy. */
export const POLICY_PATHS = ["deliveryPipelines", "targets", "customTargetTypes"].map(
  (kind) => `/v1/{resource=projects/*/locations/*/${kind}/*}`,
);

/**
 * Every method of google.cloud.deploy.v1.CloudDeploy that the emulator has; the rest answers UNIMPLEMENTED.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rpc/google.cloud.deploy.v1
 */
export function unaryOperations(world: World): Readonly<Record<string, Unary>> {
  return answering(world, {
    ...unaryOf(kindsIn(world)),
    GetConfig: operation(configOf),
    ApproveRollout: operation(approveRollout.bind(null, world)),
    AdvanceRollout: operation(advanceRollout.bind(null, world)),
    CancelRollout: operation(cancelRollout.bind(null, world)),
    RetryJob: operation(retryJob.bind(null, world)),
  });
}

/** The policies of pipelines, targets and types of custom targets. */
export function policyOperations(world: World, keeper: PolicyKeeper): PolicyMethods {
  const { projects, pipelines, targets, customTargetTypes } = world;
  return policyMethods(keeper, (resource) => {
    const name = canonicalName(projects, resource);
    if (![pipelines, targets, customTargetTypes].some(({ records }) => records.has(name))) {
      throw googleError("NOT_FOUND", `Resource '${resource}' was not found`);
    }
    return name;
  });
}
