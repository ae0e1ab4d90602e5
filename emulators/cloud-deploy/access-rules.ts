import {
  actAs,
  allOf,
  type Need,
  needs,
  policyRules,
  type Rule,
  type Rules,
  textAt,
} from "../kit/access/rules.ts";
import { rulesOf } from "../kit/collection-methods.ts";
import { canonicalName, locationOf } from "./names.ts";
import type { Kinds, Target } from "./resources.ts";

/** What the rules look at: ids of projects by number, and what there is. */
type Seen = Pick<Kinds, "pipelines" | "targets"> & { readonly projects: Map<string, string> };

/**
 * The permissions of each method. Whoever makes a release or a rollout must be allowed to act as the accounts by
 * which it is rendered and deployed, and whoever makes a target as those that it names.
 * Source: https://cloud.google.com/deploy/docs/iam-roles-permissions and
 * https://cloud.google.com/deploy/docs/cloud-deploy-service-account#service_accounts_in
 */
export function toRules(projects: Map<string, string>, kinds: Kinds): Rules {
  const seen = { ...kinds, projects };
  const asPipelines: Rule = (request) => asPipeline(seen, textAt(request, "parent"));
  const asRollouts: Rule = (request) =>
    asTarget(seen, textAt(request, "parent"), textAt(request, "rollout.targetId"));
  return {
    ...rulesOf(Object.values(kinds)),
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

/** The accounts that a target in the request names. */
const asNamed: Rule = ({ target }) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked the request
  const { executionConfigs = [] } = (target ?? {}) as Partial<Target>;
  return executionConfigs.flatMap(({ serviceAccount }) => actAs(serviceAccount));
};

/** A release is rendered for all targets of its pipeline, each by its own account. */
function asPipeline(seen: Seen, pipeline: string): readonly Need[] {
  const found = seen.pipelines.records.get(canonicalName(seen.projects, pipeline));
  const { stages = [] } = found?.serialPipeline ?? {};
  return stages.flatMap(({ targetId = "" }) => asTarget(seen, pipeline, targetId));
}

/** The accounts of a target; one that names none runs as the default account of Compute Engine. */
function asTarget({ projects, targets }: Seen, near: string, targetId: string): readonly Need[] {
  const name = canonicalName(projects, `${locationOf(near)}/targets/${targetId}`);
  const target = targets.records.get(name);
  const named = target?.executionConfigs?.map(({ serviceAccount }) => serviceAccount) ?? [];
  const accounts = [...new Set(named)].flatMap(actAs);
  const [, project = ""] = near.split("/");
  const resource = `projects/${project}/serviceAccounts/default-compute`;
  return target === undefined || accounts.length > 0
    ? accounts
    : [{ permission: "iam.serviceAccounts.actAs", resource }];
}
