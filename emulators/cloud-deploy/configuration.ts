/** Labels, annotations and deploy parameters: text to text. */
export type Texts = Readonly<Record<string, string>>;

/** What every resource of the API carries. Times are RFC 3339. */
export type Resource = {
  /** Full name, with the project's number. */
  readonly name: string;
  readonly uid: string;
  readonly description?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
  readonly createTime: string;
  readonly updateTime?: string;
  readonly etag?: string;
};

/** Actions that run before or after a deploy, by the name of their Skaffold custom action. */
export type Hook = { readonly actions?: readonly string[] };

/** What a deploy is surrounded with. */
export type Surroundings = {
  readonly verify?: boolean;
  readonly predeploy?: Hook;
  readonly postdeploy?: Hook;
};

/** One phase of a custom canary. */
export type PhaseConfig = Surroundings & {
  readonly phaseId?: string;
  readonly percentage?: number;
  readonly profiles?: readonly string[];
};

/** A canary in phases, by percentages or phase by phase. */
export type Canary = {
  readonly runtimeConfig?: {
    readonly cloudRun?: { readonly automaticTrafficControl?: boolean };
    readonly kubernetes?: object;
  };
  readonly canaryDeployment?: Surroundings & { readonly percentages?: readonly number[] };
  readonly customCanaryDeployment?: { readonly phaseConfigs?: readonly PhaseConfig[] };
};

/** Parameters of one stage, for targets with these labels. */
export type StageParameters = { readonly values?: Texts; readonly matchTargetLabels?: Texts };

/** One stage of a delivery pipeline. */
export type Stage = {
  readonly targetId?: string;
  readonly profiles?: readonly string[];
  readonly strategy?: { readonly standard?: Surroundings; readonly canary?: Canary };
  readonly deployParameters?: readonly StageParameters[];
};

/** Whether a pipeline can be used; worked out whenever it is read. */
export type PipelineCondition = {
  readonly pipelineReadyCondition: { readonly status: boolean; readonly updateTime: string };
  readonly targetsPresentCondition: {
    readonly status: boolean;
    readonly missingTargets: readonly string[];
    readonly updateTime: string;
  };
  readonly targetsTypeCondition: { readonly status: boolean; readonly errorDetails: string };
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines */
export type DeliveryPipeline = Resource & {
  readonly serialPipeline?: { readonly stages?: readonly Stage[] };
  readonly suspended?: boolean;
  readonly condition?: PipelineCondition;
};

/** How a target's builds run. */
export type ExecutionConfig = {
  readonly usages?: readonly string[];
  readonly serviceAccount?: string;
  readonly artifactStorage?: string;
  readonly executionTimeout?: string;
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets */
export type Target = Resource & {
  readonly targetId?: string;
  readonly requireApproval?: boolean;
  readonly gke?: object;
  readonly anthosCluster?: object;
  readonly run?: { readonly location?: string };
  readonly multiTarget?: { readonly targetIds?: readonly string[] };
  readonly customTarget?: { readonly customTargetType?: string };
  readonly executionConfigs?: readonly ExecutionConfig[];
  readonly deployParameters?: Texts;
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.customTargetTypes */
export type CustomTargetType = Resource & {
  readonly customTargetTypeId?: string;
  readonly customActions?: {
    readonly renderAction?: string;
    readonly deployAction?: string;
    readonly includeSkaffoldModules?: readonly object[];
  };
};

/** An image name as manifests have it, and the reference that takes its place. */
export type BuildArtifact = { readonly image?: string; readonly tag?: string };

/** Why a render failed. */
export type RenderFailureCause =
  | "EXECUTION_FAILED"
  | "VERIFICATION_CONFIG_NOT_FOUND"
  | "CUSTOM_ACTION_NOT_FOUND"
  | "DEPLOYMENT_STRATEGY_NOT_SUPPORTED"
  | "RENDER_FEATURE_NOT_SUPPORTED";

/** How far a render is. */
export type RenderState = "SUCCEEDED" | "FAILED" | "IN_PROGRESS";

/** The render of one target. */
export type TargetRender = {
  readonly renderingBuild: string;
  readonly renderingState: RenderState;
  readonly metadata?: { readonly cloudRun?: { readonly service: string } };
  readonly failureCause?: RenderFailureCause;
  readonly failureMessage?: string;
};

/** Where the rendered files of one target are; paths are below `artifactUri`. */
export type TargetArtifact = {
  readonly artifactUri: string;
  readonly skaffoldConfigPath: string;
  readonly manifestPath: string;
  readonly phaseArtifacts: Readonly<
    Record<string, { readonly skaffoldConfigPath: string; readonly manifestPath: string }>
  >;
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases */
export type Release = Resource & {
  readonly abandoned?: boolean;
  readonly skaffoldConfigUri?: string;
  readonly skaffoldConfigPath?: string;
  readonly skaffoldVersion?: string;
  readonly buildArtifacts?: readonly BuildArtifact[];
  readonly deployParameters?: Texts;
  readonly deliveryPipelineSnapshot: DeliveryPipeline;
  readonly targetSnapshots: readonly Target[];
  readonly customTargetTypeSnapshots: readonly CustomTargetType[];
  readonly renderState: RenderState;
  readonly renderStartTime: string;
  readonly renderEndTime?: string;
  readonly targetRenders: Readonly<Record<string, TargetRender>>;
  readonly targetArtifacts: Readonly<Record<string, TargetArtifact>>;
  readonly condition: object;
};

/** The fields of a resource that a caller sets; what the server sets may be there and is ignored. */
export type Draft<T> = Partial<T>;
