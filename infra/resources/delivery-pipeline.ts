import type { protos } from "@google-cloud/deploy";
import { ONE_CALL } from "../../shared/adapters/grpc-endpoint.ts";
import type { Environment, PipelineRef, Service } from "../../shared/domain/service.ts";
import { profileOf } from "../render/render-release.ts";
import type { Cloud } from "./cloud.ts";
import { carryOut, lookUp, OPERATION } from "./deploy-operation.ts";
import { changeOf } from "../../shared/domain/apply-plan.ts";
import { describedChanges, ownershipOf, refuseForeign, withMarks } from "./ownership.ts";
import { describeStages, targetIds } from "./stage-text.ts";
import { creation, unchanged } from "./step.ts";
import type { FieldChange } from "../../shared/domain/apply-plan.ts";
import type { PlannedStep } from "./step.ts";

type Pipeline = protos.google.cloud.deploy.v1.IDeliveryPipeline;
type Stage = protos.google.cloud.deploy.v1.IStage;

/** The longest description that Cloud Deploy takes, in characters. */
const DESCRIPTION_LENGTH_MAX = 255;

/** A delivery pipeline that a service needs, and the environments that are its stages, in order. */
export type PipelineWish = {
  readonly pipeline: PipelineRef;
  readonly environments: readonly Environment[];
  /** Whether somebody else made its stages and they stay as they are. */
  readonly isAdopted: boolean;
  /** Where the source of the image lives, or null. */
  readonly source: string | null;
};

/** The pipelines of a service: one of its stages, and one of each environment outside them. */
export function pipelinesOf({
  environments,
}: Service): readonly Omit<PipelineWish, "isAdopted" | "source">[] {
  const ids = new Set(environments.map(({ pipeline }) => pipeline.id));
  return [...ids].flatMap((id) => {
    const members = environments.filter(({ pipeline }) => pipeline.id === id);
    const [first] = members;
    return first === undefined ? [] : [{ pipeline: first.pipeline, environments: members }];
  });
}

/** A pipeline's full name. */
export function pipelineName({ project, location, id }: PipelineRef): string {
  return `projects/${project}/locations/${location}/deliveryPipelines/${id}`;
}

/**
 * The step that makes a pipeline what the specification asks for. Whether it is suspended is not ours: holds are
 * kept in Slipway, where they never stop a rollback.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines
 * @throws PermanentError when another service's specification manages the pipeline; TransientError
 */
export async function planPipeline(
  cloud: Cloud,
  service: Service,
  wish: PipelineWish,
): Promise<PlannedStep> {
  const name = pipelineName(wish.pipeline);
  const there = await lookUp(name, async () => {
    const [pipeline] = await (await cloud.deploy()).getDeliveryPipeline({ name }, ONE_CALL);
    return pipeline;
  });
  const wanted = toPipeline(service, wish);
  if (there === null) {
    return creation("delivery pipeline", name, () => create(cloud, name, wanted));
  }
  refuseForeign(name, there, service);
  const notes = notesOn(there, wish);
  const changes = [...describedChanges(there, wanted), ...stageChanges(there, wanted, wish)];
  if (changes.length === 0) {
    return unchanged("delivery pipeline", name, notes);
  }
  const { serialPipeline } = wanted;
  const next = { name, etag: there.etag ?? "", serialPipeline, ...withMarks(there, wanted) };
  const paths = changes.map(({ field }) => (field === STAGES ? "serial_pipeline" : field));
  const perform = (): Promise<void> => update(cloud, next, paths);
  return { kind: "delivery pipeline", name, action: "update", changes, notes, perform };
}

const STAGES = "stages";

type Wanted = Required<Pick<Pipeline, "description" | "labels" | "annotations">> & {
  readonly serialPipeline: { readonly stages: Stage[] };
};

/** The platform's annotation of its pipelines. */
const SOURCE_ANNOTATION = "source.repository";

function toPipeline(service: Service, { environments, source }: PipelineWish): Wanted {
  const { labels, annotations } = ownershipOf(service);
  const description = `Rollout delivery pipeline for ${service.name}`;
  return {
    description: description.slice(0, DESCRIPTION_LENGTH_MAX),
    labels,
    annotations: { ...annotations, ...(source !== null && { [SOURCE_ANNOTATION]: source }) },
    serialPipeline: { stages: environments.map(toStage) },
  };
}

/** Source: https://cloud.google.com/deploy/docs/deployment-strategies/canary/cloud-run */
function toStage(environment: Environment): Stage {
  const { canary } = environment.policy;
  const strategy =
    canary.length === 0
      ? { standard: {} }
      : {
          canary: {
            runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
            canaryDeployment: { percentages: [...canary] },
          },
        };
  return { targetId: environment.target, profiles: [profileOf(environment)], strategy };
}

function stageChanges(
  there: Pipeline,
  wanted: Wanted,
  { isAdopted }: PipelineWish,
): readonly FieldChange[] {
  const now = describeStages(there.serialPipeline?.stages ?? []);
  return isAdopted ? [] : changeOf(STAGES, now, describeStages(wanted.serialPipeline.stages));
}

function notesOn(there: Pipeline, { isAdopted, environments }: PipelineWish): readonly string[] {
  const now = targetIds(there.serialPipeline?.stages ?? []).join(", ");
  const wanted = environments.map(({ target }) => target).join(", ");
  return [
    ...(isAdopted ? ["its stages are managed elsewhere, so Slipway leaves them alone"] : []),
    ...(isAdopted && now !== wanted ? [`its stages are ${now}, and should be ${wanted}`] : []),
    ...(there.suspended === true
      ? [
          "it is suspended in Cloud Deploy, which refuses its releases and rollouts; resume it there",
        ]
      : []),
  ];
}

async function create(cloud: Cloud, name: string, deliveryPipeline: Pipeline): Promise<void> {
  const [parent = "", deliveryPipelineId = ""] = name.split("/deliveryPipelines/");
  await carryOut(name, async (requestId) => {
    const request = { parent, deliveryPipelineId, deliveryPipeline, requestId };
    const [operation] = await (await cloud.deploy()).createDeliveryPipeline(request, OPERATION);
    return operation;
  });
}

async function update(
  cloud: Cloud,
  deliveryPipeline: Pipeline & { readonly name: string },
  paths: readonly string[],
): Promise<void> {
  await carryOut(deliveryPipeline.name, async (requestId) => {
    const request = { deliveryPipeline, updateMask: { paths: [...paths] }, requestId };
    const [operation] = await (await cloud.deploy()).updateDeliveryPipeline(request, OPERATION);
    return operation;
  });
}
