import type { Message } from "../kit/call.ts";
import {
  actAs,
  allOf,
  anybodyKnown,
  type Need,
  needs,
  type Rule,
  type Rules,
  standardRules,
  textAt,
} from "../kit/access/rules.ts";
import type { ExecutionConfig } from "./configuration.ts";
import { canonicalName } from "./names.ts";
import type { State } from "./state.ts";

/**
 * The permissions of each method. Whoever makes a release or a rollout must be allowed to act as the accounts by
 * which it is rendered and deployed, and whoever makes a target as those that it names.
 * Source: https://cloud.google.com/deploy/docs/iam-roles-permissions and
 * https://cloud.google.com/deploy/docs/cloud-deploy-service-account#service_accounts_in
 */
export function toRules(state: State): Rules {
  return {
    ...standard("deliveryPipelines", "DeliveryPipeline", "DeliveryPipelines"),
    ...standard("targets", "Target", "Targets"),
    ...standard("customTargetTypes", "CustomTargetType", "CustomTargetTypes"),
    GetRelease: needs("clouddeploy.releases.get", "name"),
    ListReleases: needs("clouddeploy.releases.list", "parent"),
    GetAutomation: needs("clouddeploy.automations.get", "name"),
    ListAutomations: needs("clouddeploy.automations.list", "parent"),
    GetAutomationRun: needs("clouddeploy.automationRuns.get", "name"),
    ListAutomationRuns: needs("clouddeploy.automationRuns.list", "parent"),
    GetRollout: needs("clouddeploy.rollouts.get", "name"),
    ListRollouts: needs("clouddeploy.rollouts.list", "parent"),
    CreateTarget: allOf(needs("clouddeploy.targets.create", "parent"), asNamed),
    UpdateTarget: allOf(needs("clouddeploy.targets.update", "target.name"), asNamed),
    CreateRelease: allOf(needs("clouddeploy.releases.create", "parent"), (request) =>
      asPipeline(state, textAt(request, "parent")),
    ),
    CreateRollout: allOf(needs("clouddeploy.rollouts.create", "parent"), (request) =>
      asTarget(state, textAt(request, "parent"), textAt(request, "rollout.targetId")),
    ),
    AbandonRelease: needs("clouddeploy.releases.abandon", "name"),
    RollbackTarget: allOf(needs("clouddeploy.rollouts.rollback", "name"), (request) =>
      asTarget(state, textAt(request, "name"), textAt(request, "targetId")),
    ),
    ApproveRollout: needs("clouddeploy.rollouts.approve", "name"),
    AdvanceRollout: needs("clouddeploy.rollouts.advance", "name"),
    CancelRollout: needs("clouddeploy.rollouts.cancel", "name"),
    RetryJob: needs("clouddeploy.rollouts.retryJob", "rollout"),
    IgnoreJob: needs("clouddeploy.rollouts.ignoreJob", "rollout"),
    GetJobRun: needs("clouddeploy.jobRuns.get", "name"),
    ListJobRuns: needs("clouddeploy.jobRuns.list", "parent"),
    TerminateJobRun: needs("clouddeploy.jobRuns.terminate", "name"),
    GetConfig: needs("clouddeploy.config.get", "name"),
    GetOperation: needs("clouddeploy.operations.get", "name"),
    GetIamPolicy: onPolicy("getIamPolicy"),
    SetIamPolicy: onPolicy("setIamPolicy"),
    TestIamPermissions: anybodyKnown,
  };
}

const PLACE = /^projects\/([^/]+)\/locations\/[^/]+/;

/** Kinds of resources that have a policy. */
const KINDS = ["deliveryPipelines", "targets", "customTargetTypes"];

function standard(kind: string, one: string, many: string): Rules {
  const field = one.charAt(0).toLowerCase() + one.slice(1);
  return standardRules({ permission: `clouddeploy.${kind}`, one, many, field });
}

function onPolicy(verb: string): Rule {
  return (request) => {
    const resource = textAt(request, "resource");
    const kind = KINDS.find((one) => resource.split("/")[4] === one) ?? "deliveryPipelines";
    return [{ permission: `clouddeploy.${kind}.${verb}`, resource }];
  };
}

/** The accounts that a target in the request names. */
const asNamed: Rule = ({ target }: Message) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked the request
  const { executionConfigs = [] } = (target ?? {}) as {
    readonly executionConfigs?: readonly ExecutionConfig[];
  };
  return executionConfigs.flatMap(({ serviceAccount }) => actAs(serviceAccount));
};

/** A release is rendered for all targets of its pipeline, each by its own account. */
function asPipeline(state: State, pipeline: string): readonly Need[] {
  if (!PLACE.test(pipeline)) {
    return [];
  }
  const name = canonicalName(state.projects, pipeline);
  const { stages = [] } = state.pipelines.get(name)?.serialPipeline ?? {};
  return stages.flatMap(({ targetId = "" }) => asTarget(state, pipeline, targetId));
}

/** The accounts of a target; one that names none runs as the default account of Compute Engine. */
function asTarget(state: State, near: string, targetId: string): readonly Need[] {
  const [place, project = ""] = PLACE.exec(near) ?? [];
  const name = `${place ?? ""}/targets/${targetId}`;
  const target =
    place === undefined || targetId === ""
      ? undefined
      : state.targets.get(canonicalName(state.projects, name));
  if (target === undefined) {
    return [];
  }
  const accounts = (target.executionConfigs ?? []).flatMap(({ serviceAccount = "" }) =>
    serviceAccount === "" ? [] : [serviceAccount],
  );
  return accounts.length > 0
    ? [...new Set(accounts)].flatMap(actAs)
    : [
        {
          permission: "iam.serviceAccounts.actAs",
          resource: `projects/${project}/serviceAccounts/default-compute`,
        },
      ];
}
