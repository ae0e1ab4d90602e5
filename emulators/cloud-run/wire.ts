/** Free-form pairs: labels, annotations, resource limits. */
export type Pairs = Readonly<Record<string, string>>;

/** What a condition says about its part of the resource. */
type ConditionState =
  | "CONDITION_PENDING"
  | "CONDITION_RECONCILING"
  | "CONDITION_FAILED"
  | "CONDITION_SUCCEEDED";

/**
 * One condition of a resource. At most one of the three reasons is set, and none on success.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Condition
 */
export type Condition = {
  readonly type: string;
  readonly state: ConditionState;
  readonly message?: string;
  readonly lastTransitionTime: string;
  readonly severity?: "ERROR" | "WARNING" | "INFO";
  readonly reason?: string;
  readonly revisionReason?: string;
  readonly executionReason?: string;
};

/** An environment variable: a literal value, or a version of a secret. */
export type EnvironmentVariable = {
  readonly name: string;
  readonly value?: string;
  readonly valueSource?: {
    readonly secretKeyRef?: { readonly secret: string; readonly version?: string };
  };
};

/** A health probe; exactly one of the three kinds is set. */
export type Probe = {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: {
    readonly path?: string;
    readonly port?: number;
    readonly httpHeaders?: readonly { readonly name: string; readonly value?: string }[];
  };
  readonly tcpSocket?: { readonly port?: number };
  readonly grpc?: { readonly port?: number; readonly service?: string };
};

/**
 * A container of a revision or a task.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Container
 */
export type Container = {
  readonly name?: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly resources?: {
    readonly limits?: Pairs;
    readonly cpuIdle?: boolean;
    readonly startupCpuBoost?: boolean;
  };
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath?: string }[];
  readonly workingDir?: string;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly dependsOn?: readonly string[];
};

/** A volume; exactly one of the sources is set. */
export type Volume = {
  readonly name: string;
  readonly secret?: {
    readonly secret: string;
    readonly items?: readonly { readonly path: string; readonly version?: string }[];
    readonly defaultMode?: number;
  };
  readonly cloudSqlInstance?: { readonly instances?: readonly string[] };
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string };
  readonly nfs?: { readonly server?: string; readonly path?: string; readonly readOnly?: boolean };
  readonly gcs?: { readonly bucket?: string; readonly readOnly?: boolean };
};

/** Number of instances of a service or a revision. */
export type Scaling = {
  readonly minInstanceCount?: number;
  readonly maxInstanceCount?: number;
  readonly scalingMode?: string;
  readonly manualInstanceCount?: number;
};

/**
 * What new revisions of a service are made from.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/RevisionTemplate
 */
export type RevisionTemplate = {
  readonly revision?: string;
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly scaling?: Scaling;
  readonly vpcAccess?: object;
  readonly timeout?: string;
  readonly serviceAccount?: string;
  readonly containers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly executionEnvironment?: string;
  readonly maxInstanceRequestConcurrency?: number;
  readonly sessionAffinity?: boolean;
};

/** Traffic goes to the latest ready revision, or to a named one. */
type TrafficType =
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_UNSPECIFIED"
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
  | "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

/** A share of a service's traffic, in percent, or a tag that reaches one revision. */
export type TrafficTarget = {
  readonly type?: TrafficType;
  readonly revision?: string;
  readonly percent?: number;
  readonly tag?: string;
};

/** The fields of a service that its owner sets; everything else is output only. */
export type ServiceSpec = {
  readonly description?: string;
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly client?: string;
  readonly clientVersion?: string;
  readonly ingress?: string;
  readonly launchStage?: string;
  readonly binaryAuthorization?: object;
  readonly template?: RevisionTemplate;
  readonly traffic?: readonly TrafficTarget[];
  readonly scaling?: Scaling;
  readonly invokerIamDisabled?: boolean;
  readonly defaultUriDisabled?: boolean;
  readonly iapEnabled?: boolean;
  readonly multiRegionSettings?: object;
  readonly customAudiences?: readonly string[];
  readonly buildConfig?: object;
};

/**
 * A service as the API answers it. 64-bit numbers are strings.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
 */
export type Service = ServiceSpec & {
  readonly name: string;
  readonly uid: string;
  readonly generation: string;
  readonly createTime: string;
  readonly updateTime: string;
  readonly deleteTime?: string;
  readonly expireTime?: string;
  readonly observedGeneration?: string;
  readonly terminalCondition: Condition;
  readonly conditions: readonly Condition[];
  readonly latestReadyRevision?: string;
  readonly latestCreatedRevision?: string;
  readonly trafficStatuses: readonly (TrafficTarget & { readonly uri?: string })[];
  readonly uri: string;
  readonly urls: readonly string[];
  readonly reconciling: boolean;
  readonly etag: string;
};

/**
 * A revision as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services.revisions
 */
export type Revision = Omit<RevisionTemplate, "revision"> & {
  readonly name: string;
  readonly uid: string;
  readonly generation: string;
  readonly observedGeneration: string;
  readonly createTime: string;
  readonly updateTime: string;
  readonly deleteTime?: string;
  readonly launchStage: string;
  readonly service: string;
  readonly reconciling: boolean;
  readonly conditions: readonly Condition[];
  readonly logUri: string;
  readonly etag: string;
};
