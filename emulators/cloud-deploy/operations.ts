import { operation, type Unary } from "../kit/call.ts";
import {
  advanceRollout,
  approveRollout,
  cancelRollout,
  ignoreJob,
  type JobRequest,
  retryJob,
  type RolloutRequest,
  terminateJobRun,
} from "./actions.ts";
import type {
  CustomTargetType,
  DeliveryPipeline,
  Draft,
  Resource,
  Target,
} from "./configuration.ts";
import { create, type DeleteRequest, type Kind, remove, update } from "./crud.ts";
import { kindsOf } from "./kinds.ts";
import { get, list, type Listing, type ListRequest } from "./lists.ts";
import type { MutationRequest } from "./mutation.ts";
import { abandonRelease, configOf, createRelease, type CreateReleaseRequest } from "./releases.ts";
import { rollbackTarget, type RollbackTargetRequest } from "./rollback.ts";
import { createRollout, type CreateRolloutRequest } from "./rollouts.ts";
import type { World } from "./world.ts";

type NameRequest = { readonly name?: string };
type Parent = MutationRequest & { readonly parent?: string };
type Changes = MutationRequest & { readonly updateMask?: string; readonly allowMissing?: boolean };

/**
 * Every method of google.cloud.deploy.v1.CloudDeploy that the emulator has; the rest answers UNIMPLEMENTED.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rpc/google.cloud.deploy.v1
 */
export function unaryOperations(world: World): Readonly<Record<string, Unary>> {
  return {
    ...configurationOperations(world),
    ...releaseOperations(world),
    ...rolloutOperations(world),
  };
}

function configurationOperations(world: World): Readonly<Record<string, Unary>> {
  const { pipelines, targets, customTargetTypes } = kindsOf(world.state);
  return {
    ...reads(world, { one: "DeliveryPipeline", many: "DeliveryPipelines" }, pipelines),
    CreateDeliveryPipeline: operation<
      Parent & { deliveryPipelineId?: string; deliveryPipeline?: Draft<DeliveryPipeline> }
    >((request) =>
      create(world, pipelines, {
        ...request,
        id: request.deliveryPipelineId,
        draft: request.deliveryPipeline,
      }),
    ),
    UpdateDeliveryPipeline: operation<Changes & { deliveryPipeline?: Draft<DeliveryPipeline> }>(
      (request) => update(world, pipelines, { ...request, draft: request.deliveryPipeline }),
    ),
    DeleteDeliveryPipeline: operation<DeleteRequest>((request) =>
      remove(world, pipelines, request),
    ),
    ...reads(world, { one: "Target", many: "Targets" }, targets),
    CreateTarget: operation<Parent & { targetId?: string; target?: Draft<Target> }>((request) =>
      create(world, targets, { ...request, id: request.targetId, draft: request.target }),
    ),
    UpdateTarget: operation<Changes & { target?: Draft<Target> }>((request) =>
      update(world, targets, { ...request, draft: request.target }),
    ),
    DeleteTarget: operation<DeleteRequest>((request) => remove(world, targets, request)),
    ...reads(world, { one: "CustomTargetType", many: "CustomTargetTypes" }, customTargetTypes),
    CreateCustomTargetType: operation<
      Parent & { customTargetTypeId?: string; customTargetType?: Draft<CustomTargetType> }
    >((request) =>
      create(world, customTargetTypes, {
        ...request,
        id: request.customTargetTypeId,
        draft: request.customTargetType,
      }),
    ),
    UpdateCustomTargetType: operation<Changes & { customTargetType?: Draft<CustomTargetType> }>(
      (request) =>
        update(world, customTargetTypes, { ...request, draft: request.customTargetType }),
    ),
    DeleteCustomTargetType: operation<DeleteRequest>((request) =>
      remove(world, customTargetTypes, request),
    ),
    GetConfig: operation<NameRequest>((request) => configOf(world, request)),
  };
}

function releaseOperations(world: World): Readonly<Record<string, Unary>> {
  const { state } = world;
  const releases = {
    collection: state.releases,
    segment: "releases",
    parents: state.pipelines,
    view: same,
  };
  return {
    ...reads(world, { one: "Release", many: "Releases" }, releases),
    ...reads(world, { one: "Automation", many: "Automations" }, none(world, "automations")),
    ...reads(
      world,
      { one: "AutomationRun", many: "AutomationRuns" },
      none(world, "automationRuns"),
    ),
    CreateRelease: operation<CreateReleaseRequest>((request) => createRelease(world, request)),
    AbandonRelease: operation<NameRequest>((request) => abandonRelease(world, request)),
    RollbackTarget: operation<RollbackTargetRequest>((request) => rollbackTarget(world, request)),
  };
}

function rolloutOperations(world: World): Readonly<Record<string, Unary>> {
  const { state } = world;
  const rollouts = {
    collection: state.rollouts,
    segment: "rollouts",
    parents: state.releases,
    view: same,
  };
  const jobRuns = {
    collection: state.jobRuns,
    segment: "jobRuns",
    parents: state.rollouts,
    view: same,
  };
  return {
    ...reads(world, { one: "Rollout", many: "Rollouts" }, rollouts),
    ...reads(world, { one: "JobRun", many: "JobRuns" }, jobRuns),
    CreateRollout: operation<CreateRolloutRequest>((request) => createRollout(world, request)),
    ApproveRollout: operation<RolloutRequest & { approved?: boolean }>((request) =>
      approveRollout(world, request),
    ),
    AdvanceRollout: operation<RolloutRequest & { phaseId?: string }>((request) =>
      advanceRollout(world, request),
    ),
    CancelRollout: operation<RolloutRequest>((request) => cancelRollout(world, request)),
    RetryJob: operation<JobRequest>((request) => retryJob(world, request)),
    IgnoreJob: operation<JobRequest>((request) => ignoreJob(world, request)),
    TerminateJobRun: operation<NameRequest>((request) => terminateJobRun(world, request)),
  };
}

/** What a pipeline can have on Google Cloud, and here has none of: a list is empty. */
function none({ state }: World, segment: string): Listing<Resource> {
  return { collection: new Map(), segment, parents: state.pipelines, view: same };
}

function reads<T extends Resource>(
  world: World,
  { one, many }: { readonly one: string; readonly many: string },
  listing: Listing<T> | Kind<T>,
): Readonly<Record<string, Unary>> {
  return {
    [`Get${one}`]: operation<NameRequest>((request) => get(world, listing, request)),
    [`List${many}`]: operation<ListRequest>((request) => list(world, listing, request)),
  };
}

function same<T>(item: T): T {
  return item;
}
