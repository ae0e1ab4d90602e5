import { collection, type Kind } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { wordsOf } from "../kit/collection-names.ts";
import type { PageLimits } from "../kit/page.ts";
import { answerWith } from "./answers.ts";
import { checkUserFields, IDS, requiredText, type UserFields } from "./checks.ts";
import { idOf } from "./names.ts";
import { notifyResource } from "./notify.ts";
import { checkPipeline, deleteReleases, STAGES_LACK } from "./pipelines.ts";
import { checkRelease, frozen, startRender } from "./releases.ts";
import { type Kinds, PACKAGE, PROTOS } from "./resources.ts";
import { planned, startRollout } from "./rollouts.ts";
import { checkTarget } from "./targets.ts";
import type { World } from "./world.ts";

const PLACE = "projects/*/locations/*";
const PIPELINE = `${PLACE}/deliveryPipelines/*`;
const RELEASE = `${PIPELINE}/releases/*`;
const ROLLOUT = `${RELEASE}/rollouts/*`;

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets/list */
const PAGES: PageLimits = { defaultSize: 50, maxSize: 1000 };

const ALL = ["create", "get", "list", "update", "delete"] as const;

/** What is said of every kind alike. */
type Usual = Pick<
  Kind<object, object>,
  "type" | "pattern" | "permission" | "fields" | "ids" | "pages" | "begin"
>;

/** All kinds of resources. They see the world only once they are called. */
export function openKinds(world: () => World): Kinds {
  const usual = usualIn(world);
  return { ...openConfiguration(world, usual), ...openDelivery(world, usual) };
}

function usualIn(
  world: () => World,
): (type: string, pattern: string, lacks?: readonly string[]) => Usual {
  return (type, pattern, notEmulated = []) => ({
    type,
    pattern,
    permission: `clouddeploy.${wordsOf({ type, pattern }).segment}`,
    fields: describedFields(PROTOS, `${PACKAGE}.${type}`, { notEmulated }),
    ids: IDS,
    pages: PAGES,
    begin: (about) => answerWith(world(), about),
  });
}

/** What callers change and delete. */
function openConfiguration(
  world: () => World,
  usual: ReturnType<typeof usualIn>,
): Pick<Kinds, "pipelines" | "targets" | "customTargetTypes"> {
  function forget(type: string, resource: { readonly name: string }): null {
    world().forgetPolicy(resource.name);
    notifyResource(world(), "Delete", { type, ...resource });
    return null;
  }
  return {
    pipelines: collection({
      ...usual("DeliveryPipeline", PIPELINE, STAGES_LACK),
      verbs: ALL,
      create: checking(checkPipeline),
      update: checking(checkPipeline),
      remove: (pipeline, { force }) => {
        deleteReleases(world(), pipeline.name, force === true);
        return forget("DeliveryPipeline", pipeline);
      },
    }),
    // Targets and types may go while pipelines still name them.
    targets: collection({
      ...usual("Target", `${PLACE}/targets/*`, ["gke", "anthosCluster", "multiTarget"]),
      verbs: ALL,
      create: (draft, { name }) => {
        checkTarget(draft);
        return { targetId: idOf(name) };
      },
      update: checking(checkTarget),
      remove: (target) => forget("Target", target),
    }),
    customTargetTypes: collection({
      ...usual("CustomTargetType", `${PLACE}/customTargetTypes/*`, [
        "customActions.includeSkaffoldModules",
      ]),
      verbs: ALL,
      create: (draft, { name }) => {
        checkType(draft);
        return { customTargetTypeId: idOf(name) };
      },
      update: checking(checkType),
      remove: (type) => forget("CustomTargetType", type),
    }),
  };
}

/** What is delivered, and how far. */
function openDelivery(
  world: () => World,
  usual: ReturnType<typeof usualIn>,
): Omit<Kinds, "pipelines" | "targets" | "customTargetTypes"> {
  const parents = { find: (name: string) => world().pipelines.find(name) };
  return {
    releases: collection({
      ...usual("Release", RELEASE),
      verbs: ["create", "get", "list"],
      parents,
      create: (draft, { parent }) => {
        checkRelease(draft);
        return frozen(world(), world().pipelines.find(parent), draft);
      },
      begin: (about) => answerWith(world(), about, () => startRender(world(), about.target)),
    }),
    rollouts: collection({
      ...usual("Rollout", ROLLOUT),
      verbs: ["create", "get", "list"],
      parents: { find: (name) => world().releases.find(name) },
      create: (draft, { parent, request }) => {
        checkUserFields(draft);
        return planned(world(), world().releases.find(parent), { draft, request });
      },
      begin: (about) => answerWith(world(), about, () => startRollout(world(), about.target)),
    }),
    jobRuns: collection({
      ...usual("JobRun", `${ROLLOUT}/jobRuns/*`),
      verbs: ["get", "list"],
      parents: { find: (name) => world().rollouts.find(name) },
      create: () => ({ phaseId: "" }),
    }),
    automations: collection({
      ...usual("Automation", `${PIPELINE}/automations/*`),
      verbs: ["get", "list"],
      parents,
      create: () => ({}),
    }),
    automationRuns: collection({
      ...usual("AutomationRun", `${PIPELINE}/automationRuns/*`),
      verbs: ["get", "list"],
      parents,
      create: () => ({}),
    }),
  };
}

type TypeDraft = UserFields & { readonly customActions?: { readonly deployAction?: string } };

function checkType(draft: TypeDraft): void {
  checkUserFields(draft);
  requiredText(draft.customActions?.deployAction, "custom_actions.deploy_action");
}

/** Checks what is said, and adds nothing. */
function checking<Draft>(check: (draft: Draft) => void): (draft: Draft) => object {
  return (draft) => {
    check(draft);
    return {};
  };
}
