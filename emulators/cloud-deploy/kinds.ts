import { collection, type Kind } from "../kit/collection.ts";
import { describedFields, saidFields } from "../kit/collection-fields.ts";
import { longRunning } from "../kit/collection-methods.ts";
import { isBelow, wordsOf, idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import { notify } from "./notify.ts";
import { frozen, startRender } from "./releases.ts";
import type { Kinds } from "./resources.ts";
import { planned, startRollout } from "./rollouts.ts";
import * as said from "./said.ts";
import type { World } from "./world.ts";

/** Where the messages of the API are described. */
export const PROTOS = "@google-cloud/deploy/build/protos/protos.json";
const PACKAGE = "google.cloud.deploy.v1";
/** The API's service. */
export const SERVICE = `${PACKAGE}.CloudDeploy`;

const PLACE = "projects/*/locations/*";
const PIPELINE = `${PLACE}/deliveryPipelines/*`;
const RELEASE = `${PIPELINE}/releases/*`;
const ROLLOUT = `${RELEASE}/rollouts/*`;

const CONFIGURED = ["create", "get", "list", "update", "delete"] as const;
const DELIVERED = ["create", "get", "list"] as const;

/** What stages can say on Google Cloud and not here. */
const STAGES_LACK = [
  ...["verify", "predeploy", "postdeploy"].flatMap((field) => [
    `strategy.standard.${field}`,
    `strategy.canary.canaryDeployment.${field}`,
  ]),
  "strategy.canary.customCanaryDeployment",
  "deployParameters.matchTargetLabels",
].map((field) => `serialPipeline.stages.${field}`);

const ALIKE = {
  ids: said.IDS,
  /** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets/list */
  pages: { defaultSize: 50, maxSize: 1000 },
};

/**
 * Deploy policies, which the descriptors of `@google-cloud/deploy` 4.0.0 lack. There are none, since making one is not
 * served, and gcloud asks for them.
 */
export const DEPLOY_POLICIES = collection({
  ...ALIKE,
  type: "DeployPolicy",
  pattern: `${PLACE}/deployPolicies/*`,
  permission: "clouddeploy.deployPolicies",
  verbs: ["get", "list"],
  fields: saidFields({}, { outputOnly: [] }),
  create: () => ({}),
});

/** All kinds of resources. They see the world only once they are called. */
export function openKinds(world: () => World): Kinds {
  const usual: Usual = (type, pattern, more) => ({
    ...ALIKE,
    type,
    pattern,
    permission: `clouddeploy.${wordsOf({ type, pattern }).segment}`,
    fields: describedFields(PROTOS, `${PACKAGE}.${type}`, more),
    begin: (about) => {
      const { target, verb, response } = about;
      if (response !== null) {
        notify(world(), verb === "create" ? "resources Create" : "resources Update", {
          name: target,
        });
      }
      STARTS[type]?.(world(), target);
      // What was asked for is there at once, as the real service's is; only the operation takes its time.
      const runMs = (): number => world().timings.operationMs;
      return longRunning(world().operations, { package: PACKAGE, runMs })(about);
    },
    remove: ({ name }) => {
      world().keeper.forget(name);
      notify(world(), "resources Delete", { name });
      return null;
    },
  });
  return { ...configuration(world, usual), ...delivery(world, usual) };
}

/** What is said of every kind alike. */
type Usual = (
  type: string,
  pattern: string,
  more?: Parameters<typeof describedFields>[2],
) => Pick<
  Kind<object, object>,
  "type" | "pattern" | "permission" | "fields" | "ids" | "pages" | "begin"
> & { readonly remove: (resource: { readonly name: string }) => null };

const STARTS: Readonly<Record<string, (world: World, name: string) => void>> = {
  Release: startRender,
  Rollout: startRollout,
};

/** What callers change and delete. Targets and types may go while pipelines still name them. */
function configuration(
  world: () => World,
  usual: Usual,
): Pick<Kinds, "pipelines" | "targets" | "customTargetTypes"> {
  const pipeline = usual("DeliveryPipeline", PIPELINE, {
    rules: said.Pipeline,
    notEmulated: STAGES_LACK,
  });
  return {
    pipelines: collection({
      ...pipeline,
      verbs: CONFIGURED,
      create: () => ({}),
      remove: (resource, { force }) => {
        deleteReleases(world(), resource.name, force === true);
        return pipeline.remove(resource);
      },
    }),
    targets: collection({
      ...usual("Target", `${PLACE}/targets/*`, {
        rules: said.Target,
        notEmulated: ["gke", "anthosCluster", "multiTarget"],
      }),
      verbs: CONFIGURED,
      create: (_, { name }) => ({ targetId: idOf(name) }),
    }),
    customTargetTypes: collection({
      ...usual("CustomTargetType", `${PLACE}/customTargetTypes/*`, {
        rules: said.CustomTargetType,
        notEmulated: ["customActions.includeSkaffoldModules"],
      }),
      verbs: CONFIGURED,
      create: (_, { name }) => ({ customTargetTypeId: idOf(name) }),
    }),
  };
}

/** What is delivered, and how far. */
function delivery(
  world: () => World,
  usual: Usual,
): Omit<Kinds, "pipelines" | "targets" | "customTargetTypes"> {
  const parents = { find: (name: string) => world().pipelines.find(name) };
  const none = { verbs: ["get", "list"], parents, create: () => ({}) } as const;
  return {
    releases: collection({
      ...usual("Release", RELEASE, { rules: said.Release }),
      verbs: DELIVERED,
      parents,
      create: (draft, { parent }) => frozen(world(), world().pipelines.find(parent), draft),
    }),
    rollouts: collection({
      ...usual("Rollout", ROLLOUT, { rules: said.Said }),
      verbs: DELIVERED,
      parents: { find: (name) => world().releases.find(name) },
      create: (draft, { parent, request }) =>
        planned(world(), world().releases.find(parent), { draft, request }),
    }),
    jobRuns: collection({
      ...usual("JobRun", `${ROLLOUT}/jobRuns/*`),
      verbs: ["get", "list"],
      parents: { find: (name) => world().rollouts.find(name) },
      create: () => ({ phaseId: "" }),
    }),
    automations: collection({ ...usual("Automation", `${PIPELINE}/automations/*`), ...none }),
    automationRuns: collection({
      ...usual("AutomationRun", `${PIPELINE}/automationRuns/*`),
      ...none,
    }),
  };
}

/**
 * A pipeline with releases is only deleted by force, and then with all that is below it.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines/delete
 */
function deleteReleases(world: World, pipeline: string, isForced: boolean): void {
  for (const records of [world.releases, world.rollouts, world.jobRuns].map((one) => one.records)) {
    const below = [...records.keys()].filter((name) => isBelow(name, pipeline));
    if (below.length > 0 && !isForced) {
      throw googleError("FAILED_PRECONDITION", `'${pipeline}' has releases; delete it with force`);
    }
    below.forEach((name) => {
      records.delete(name);
      world.due.delete(name);
    });
  }
}
