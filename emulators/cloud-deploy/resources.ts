import type { protos } from "@google-cloud/deploy";
import type { Collection, Resource } from "../kit/collection.ts";
import type { JsonForm } from "../kit/json-form.ts";

/*
 * The resources, held as the messages that callers get. Each has its full name, with the project's number.
 * Source: google/cloud/deploy/v1/cloud_deploy.proto and https://cloud.google.com/deploy/docs/api/reference/rest
 */

/** A message in which some fields, those of `Own`, are always there or have a form of their own. */
type Said<Message, Own extends object = object> = Omit<JsonForm<Message>, keyof Own>;

/** Labels, annotations and deploy parameters: text to text. */
export type Texts = Readonly<Record<string, string>>;

type PipelineDraft = Said<protos.google.cloud.deploy.v1.IDeliveryPipeline>;
/** Stages that follow each other. */
export type DeliveryPipeline = Resource<PipelineDraft, object>;
/** One stage of a delivery pipeline. */
export type Stage = JsonForm<protos.google.cloud.deploy.v1.IStage>;

type TargetOwn = { readonly targetId: string };
type TargetDraft = Said<protos.google.cloud.deploy.v1.ITarget, TargetOwn>;
/** Where something is deployed. */
export type Target = Resource<TargetDraft, TargetOwn>;

type TypeOwn = { readonly customTargetTypeId: string };
type TypeDraft = Said<protos.google.cloud.deploy.v1.ICustomTargetType, TypeOwn>;
/** How targets that are not Google's own are deployed to. */
export type CustomTargetType = Resource<TypeDraft, TypeOwn>;

/** What was rendered for a target: its manifests, or the script of a custom target's deploy action with its variables. */
export type Rendered = {
  readonly manifest: string;
  readonly script: string;
  readonly variables: Texts;
};

type ReleaseOwn = {
  readonly deliveryPipelineSnapshot: DeliveryPipeline;
  readonly targetSnapshots: readonly Target[];
  readonly customTargetTypeSnapshots: readonly CustomTargetType[];
  /** By target. */
  readonly hidden: { readonly rendered: Readonly<Record<string, Rendered>> };
};
/** What a caller says of a release. */
export type ReleaseDraft = Said<protos.google.cloud.deploy.v1.IRelease, ReleaseOwn>;
/** A version, rendered for each target. */
export type Release = Resource<ReleaseDraft, ReleaseOwn>;
/** How the render of one target came out. */
export type TargetRender = JsonForm<protos.google.cloud.deploy.v1.Release.ITargetRender>;

/** One phase of a rollout, which has one job: the deploy. */
export type Phase = JsonForm<protos.google.cloud.deploy.v1.IPhase> & {
  readonly id: string;
  readonly state: NonNullable<JsonForm<protos.google.cloud.deploy.v1.IPhase>["state"]>;
};
type RolloutOwn = {
  readonly targetId: string;
  readonly state: NonNullable<JsonForm<protos.google.cloud.deploy.v1.IRollout>["state"]>;
  readonly phases: readonly Phase[];
};
type RolloutDraft = Said<protos.google.cloud.deploy.v1.IRollout, RolloutOwn> & {
  readonly targetId?: string;
};
/** A release on its way to a target. */
export type Rollout = Resource<RolloutDraft, RolloutOwn>;

type JobRunOwn = { readonly phaseId: string };
type JobRunDraft = Said<protos.google.cloud.deploy.v1.IJobRun, JobRunOwn>;
/** One try of a phase's deploy. */
export type JobRun = Resource<JobRunDraft, JobRunOwn>;

/** All that the descriptors have. */
export type Kinds = {
  readonly pipelines: Collection<PipelineDraft, object>;
  readonly targets: Collection<TargetDraft, TargetOwn>;
  readonly customTargetTypes: Collection<TypeDraft, TypeOwn>;
  readonly releases: Collection<ReleaseDraft, ReleaseOwn>;
  readonly rollouts: Collection<RolloutDraft, RolloutOwn>;
  readonly jobRuns: Collection<JobRunDraft, JobRunOwn>;
  /** What a pipeline can have on Google Cloud, and here has none of: a list is empty. */
  readonly automations: Collection<object, object>;
  readonly automationRuns: Collection<object, object>;
};
