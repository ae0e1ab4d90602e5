import type { StatusName } from "../kit/google-error.ts";
import type { Container, Pairs, Volume } from "./wire.ts";

/**
 * What the tasks of an execution are made from.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/TaskTemplate
 */
export type TaskTemplate = {
  readonly containers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly maxRetries?: number;
  readonly timeout?: string;
  readonly serviceAccount?: string;
  readonly executionEnvironment?: string;
  readonly vpcAccess?: object;
};

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
  readonly labels?: Pairs;
  readonly annotations?: Pairs;
  readonly client?: string;
  readonly clientVersion?: string;
  readonly launchStage?: string;
  readonly binaryAuthorization?: object;
  readonly template?: ExecutionTemplate;
  readonly startExecutionToken?: string;
  readonly runExecutionToken?: string;
};

/** Why a job or an execution failed. */
export type JobFailure = {
  readonly status: StatusName;
  readonly reason: string;
  readonly message: string;
};

/** A job. Times are milliseconds since the epoch. */
export type JobRecord = {
  readonly name: string;
  readonly uid: string;
  readonly createTime: number;
  readonly updateTime: number;
  /** When its last change is through. */
  readonly readyTime: number;
  /** Counts changes of any kind, for the etag. */
  readonly version: number;
  readonly generation: number;
  readonly spec: JobSpec;
  readonly failure: JobFailure | null;
  readonly executionCount: number;
  readonly latestExecution: string | null;
};

/** When one task runs and how it ends, unless the execution ends before. */
export type TaskPlan = {
  readonly startTime: number;
  readonly endTime: number;
  readonly retries: number;
  /** 0 is success; null that the timeout ended the last attempt. */
  readonly exitCode: number | null;
};

/** One run of a job. What it looks like at any time follows from its plan. */
export type ExecutionRecord = {
  readonly name: string;
  readonly job: string;
  readonly jobGeneration: number;
  readonly createTime: number;
  readonly labels: Pairs;
  readonly annotations: Pairs;
  readonly template: TaskTemplate;
  readonly parallelism: number;
  readonly tasks: readonly TaskPlan[];
  /** Set when no task can start, as when the image is missing. */
  readonly failure: JobFailure | null;
  /** When it ends, by itself or because it was cancelled. */
  readonly endTime: number;
  readonly cancelled: boolean;
};
