import { googleError } from "../kit/google-error.ts";
import type { CustomTargetType, DeliveryPipeline, Target } from "./configuration.ts";
import type { Kind } from "./crud.ts";
import { isBelow } from "./names.ts";
import { checkPipeline, withCondition } from "./pipelines.ts";
import type { State } from "./state.ts";
import { checkCustomTargetType, checkTarget } from "./targets.ts";

/** The three kinds of resources that are created, updated and deleted alike. */
export type Kinds = {
  readonly pipelines: Kind<DeliveryPipeline>;
  readonly targets: Kind<Target>;
  readonly customTargetTypes: Kind<CustomTargetType>;
};

/** The kinds, over the collections of a state. */
export function kindsOf(state: State): Kinds {
  return {
    pipelines: {
      type: "DeliveryPipeline",
      segment: "deliveryPipelines",
      idField: "delivery_pipeline_id",
      collection: state.pipelines,
      check: checkPipeline,
      ownFields: () => ({}),
      view: (pipeline) => withCondition(state, pipeline),
      beforeDelete: (pipeline, force) => deleteTree(state, pipeline.name, force),
    },
    targets: {
      type: "Target",
      segment: "targets",
      idField: "target_id",
      collection: state.targets,
      check: checkTarget,
      ownFields: (targetId) => ({ targetId }),
      view: (target) => target,
      beforeDelete: () => nothing,
    },
    customTargetTypes: {
      type: "CustomTargetType",
      segment: "customTargetTypes",
      idField: "custom_target_type_id",
      collection: state.customTargetTypes,
      check: checkCustomTargetType,
      ownFields: (customTargetTypeId) => ({ customTargetTypeId }),
      view: (type) => type,
      beforeDelete: () => nothing,
    },
  };
}

/**
 * A pipeline with releases is only deleted by force, and then with all that is below it.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines/delete
 */
function deleteTree(state: State, name: string, force: boolean): () => void {
  const hasChildren = [...state.releases.keys()].some((release) => isBelow(release, name));
  if (hasChildren && !force) {
    throw googleError(
      "FAILED_PRECONDITION",
      `DeliveryPipeline '${name}' has releases; delete it with force`,
    );
  }
  return () => {
    for (const collection of [state.releases, state.rollouts, state.jobRuns, state.manifests]) {
      for (const key of [...collection.keys()].filter((one) => isBelow(one, name))) {
        collection.delete(key);
      }
    }
    for (const [key, work] of state.work) {
      if (isBelow(work.name, name)) {
        state.work.delete(key);
      }
    }
  };
}

/** Targets and custom target types may go while pipelines still name them: the pipeline's condition says so. */
function nothing(): void {
  return undefined;
}
