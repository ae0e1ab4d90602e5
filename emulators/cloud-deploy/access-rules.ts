import {
  actAs,
  allOf,
  type Need,
  needs,
  policyRules,
  type Rule,
  type Rules,
  standardRules,
  textAt,
} from "../kit/access/rules.ts";
import { canonicalName } from "./names.ts";
import type { DeliveryPipeline, ExecutionConfig, Target } from "./resources.ts";

/** What the rules look at. */
export type Seen = {
  readonly projects: Map<string, string>;
  readonly pipelines: ReadonlyMap<string, DeliveryPipeline>;
  readonly targets: ReadonlyMap<string, Target>;
};

/**
 * The permissions of each method. Whoever makes a release or a rollout must be allowed to act as the accounts by
 * which it is rendered and deployed, and whoever makes a target as those that it names.
 * Source: https://cloud.google.com/deploy/docs/iam-roles-permissions and
 * https://cloud.google.com/deploy/docs/cloud-deploy-service-account#service_accounts_in
 */
export function toRules(state: Seen): Rules {
  const asPipelines: Rule = (request) => asPipeline(state, textAt(request, "parent"));
  const asRollouts: Rule = (request) =>
    asTarget(state, textAt(request, "parent"), textAt(request, "rollout.targetId"));
  return {
    ...standard("DeliveryPipeline"),
    ...standard("Target"),
    ...standard("CustomTargetType"),
    ...reading("Release"),
    ...reading("Rollout"),
    ...reading("JobRun"),
    ...reading("Automation"),
    ...reading("AutomationRun"),
    CreateTarget: allOf(needs("clouddeploy.targets.create", "parent"), asNamed),
    UpdateTarget: allOf(needs("clouddeploy.targets.update", "target.name"), asNamed),
    CreateRelease: allOf(needs("clouddeploy.releases.create", "parent"), asPipelines),
    CreateRollout: allOf(needs("clouddeploy.rollouts.create", "parent"), asRollouts),
    ApproveRollout: needs("clouddeploy.rollouts.approve", "name"),
    AdvanceRollout: needs("clouddeploy.rollouts.advance", "name"),
    CancelRollout: needs("clouddeploy.rollouts.cancel", "name"),
    RetryJob: needs("clouddeploy.rollouts.retryJob", "rollout"),
    GetConfig: needs("clouddeploy.config.get", "name"),
    GetOperation: needs("clouddeploy.operations.get", "name"),
    ...policyRules((name) => `clouddeploy.${name.split("/")[4] ?? "deliveryPipelines"}`),
  };
}

const PLACE = /^projects\/([^/]+)\/locations\/[^/]+/;

function standard(one: string): Rules {
  const field = one.charAt(0).toLowerCase() + one.slice(1);
  return standardRules({ permission: `clouddeploy.${field}s`, one, many: `${one}s`, field });
}

function reading(one: string): Rules {
  const rules = Object.entries(standard(one));
  return Object.fromEntries(rules.filter(([method]) => /^(?:Get|List)/.test(method)));
}

/** The accounts that a target in the request names. */
const asNamed: Rule = ({ target }) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked the request
  const { executionConfigs = [] } = (target ?? {}) as {
    readonly executionConfigs?: readonly ExecutionConfig[];
  };
  return executionConfigs.flatMap(({ serviceAccount }) => actAs(serviceAccount));
};

/** A release is rendered for all targets of its pipeline, each by its own account. */
function asPipeline(state: Seen, pipeline: string): readonly Need[] {
  if (!PLACE.test(pipeline)) {
    return [];
  }
  const name = canonicalName(state.projects, pipeline);
  const { stages = [] } = state.pipelines.get(name)?.serialPipeline ?? {};
  return stages.flatMap(({ targetId = "" }) => asTarget(state, pipeline, targetId));
}

/** The accounts of a target; one that names none runs as the default account of Compute Engine. */
function asTarget(state: Seen, near: string, targetId: string): readonly Need[] {
  const [place, project = ""] = PLACE.exec(near) ?? [];
  if (place === undefined || targetId === "") {
    return [];
  }
  const target = state.targets.get(canonicalName(state.projects, `${place}/targets/${targetId}`));
  const accounts = new Set(
    target?.executionConfigs?.map(({ serviceAccount = "" }) => serviceAccount),
  );
  accounts.delete("");
  const resource = `projects/${project}/serviceAccounts/default-compute`;
  return target === undefined || accounts.size > 0
    ? [...accounts].flatMap(actAs)
    : [{ permission: "iam.serviceAccounts.actAs", resource }];
}
