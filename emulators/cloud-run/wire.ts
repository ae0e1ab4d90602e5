import type { Message } from "../kit/call.ts";

/** Free-form pairs: labels, annotations, resource limits. */
export type Pairs = Readonly<Record<string, string>>;

/** A resource as the API answers it. */
export type Viewed = Message & { readonly name: string; readonly etag: string };

// Of the messages that callers send only those fields are here that something looks at; all others are kept as they came.

/** An environment variable: a literal value, or a version of a secret. */
export type EnvironmentVariable = {
  readonly name: string;
  readonly value?: string;
  readonly valueSource?: { readonly secretKeyRef?: object };
};

/** A health probe; exactly one of the three kinds is set. */
export type Probe = {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: object;
  readonly tcpSocket?: object;
  readonly grpc?: object;
};

/**
 * A container of a revision or a task.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/Container
 */
export type Container = {
  readonly name?: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly resources?: {
    readonly limits?: Pairs;
    readonly cpuIdle?: boolean;
    readonly startupCpuBoost?: boolean;
  };
  readonly ports?: readonly { readonly name?: string; readonly containerPort?: number }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
};

/** What revisions and tasks are made from alike. */
type PodTemplate = {
  readonly timeout?: string;
  readonly containers?: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
};

/**
 * What new revisions of a service are made from.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/RevisionTemplate
 */
export type RevisionTemplate = PodTemplate & {
  readonly revision?: string;
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly scaling?: { readonly minInstanceCount?: number; readonly maxInstanceCount?: number };
  readonly maxInstanceRequestConcurrency?: number;
};

/** A share of a service's traffic, in percent, or a tag that reaches one revision. */
export type TrafficTarget = {
  readonly type?:
    | "TRAFFIC_TARGET_ALLOCATION_TYPE_UNSPECIFIED"
    | "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    | "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";
  readonly revision?: string;
  readonly percent?: number;
  readonly tag?: string;
};

/** The fields of a service that its owner sets. */
export type ServiceSpec = {
  readonly description?: string;
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly ingress?: string;
  readonly launchStage?: string;
  readonly template?: RevisionTemplate;
  readonly traffic?: readonly TrafficTarget[];
  readonly invokerIamDisabled?: boolean;
  readonly customAudiences?: readonly string[];
};

/**
 * What the tasks of an execution are made from.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/TaskTemplate
 */
export type TaskTemplate = PodTemplate & { readonly maxRetries?: number };

/** What the executions of a job are made from. */
export type ExecutionTemplate = {
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly parallelism?: number;
  readonly taskCount?: number;
  readonly template?: TaskTemplate;
};

/** The fields of a job that its owner sets. */
export type JobSpec = {
  readonly launchStage?: string;
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly template?: ExecutionTemplate;
};
