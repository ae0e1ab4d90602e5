import { z } from "zod";
import {
  areUnlike,
  between,
  lasting,
  PAIRS,
  PORT_DEFAULT,
  RevisionContainers,
  TaskContainers,
} from "./pod-spec.ts";

const DESCRIPTION_MAX_CHARACTERS = 512;
const CONCURRENCY_MAX = 1000;
const REQUEST_MAX_SECONDS = 3600;
const TASKS_MAX = 10_000;
const RETRIES_MAX = 10;
/** Seven days. */
const TASK_MAX_SECONDS = 604_800;
const PERCENT_ALL = 100;
const INSTANCES_DEFAULT = { maxInstanceCount: 100 };

const REVISION = /^[a-z][-a-z0-9]{0,61}[a-z0-9]$/;
const TAG = /^[a-z](?:[-a-z0-9]{0,44}[a-z0-9])?$/;

/** A target's type when it names a revision. */
export const BY_REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION" as const;
/** A target's type when it follows the latest revision. */
export const TO_LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" as const;

/** What a service asks for that does not say: everything to the latest ready revision. */
export const ALL_TO_LATEST = [{ type: TO_LATEST, percent: PERCENT_ALL }];

/** Source: https://cloud.google.com/run/docs/reference/rest/v2/RevisionTemplate */
const Template = z
  .looseObject({
    ...PAIRS,
    containers: RevisionContainers,
    revision: z.string().regex(REVISION).optional(),
    timeout: lasting(0, REQUEST_MAX_SECONDS).default("300s"),
    scaling: z
      .looseObject({
        minInstanceCount: between(0, Infinity).optional(),
        maxInstanceCount: between(0, Infinity).default(INSTANCES_DEFAULT.maxInstanceCount),
      })
      .refine(({ minInstanceCount = 0, maxInstanceCount: max }) => minInstanceCount <= max, {
        path: ["minInstanceCount"],
        message: "it must not be more than the maximum",
      })
      .default(INSTANCES_DEFAULT),
    maxInstanceRequestConcurrency: between(0, CONCURRENCY_MAX).default(80),
  })
  .refine(({ containers }) => containers.length === 1 || containers.some(({ ports }) => ports), {
    path: ["containers"],
    message: "one of several containers must have a port",
  })
  .overwrite(({ containers, ...template }) => {
    const only = containers.length === 1;
    const listening = containers.map(({ ports = [PORT_DEFAULT], ...one }) => ({ ...one, ports }));
    return { ...template, containers: only ? listening : containers };
  });

/** A share of a service's traffic, in percent, or a tag that reaches one revision. */
const Target = z
  .looseObject({
    type: z.enum([TO_LATEST, BY_REVISION]).default(TO_LATEST),
    revision: z.string().optional(),
    percent: between(0, PERCENT_ALL).optional(),
    tag: z.string().regex(TAG).optional(),
  })
  .refine(({ type, revision = "" }) => (type === BY_REVISION) === (revision !== ""), {
    path: ["revision"],
    message: `a revision must be named if, and only if, the type is ${BY_REVISION}`,
  });

/**
 * The fields of a service that its owner sets.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services and
 * https://cloud.google.com/run/docs/reference/rest/v2/TrafficTarget
 */
export const ServiceSpec = z.looseObject({
  ...PAIRS,
  description: z.string().max(DESCRIPTION_MAX_CHARACTERS).optional(),
  ingress: z.string().default("INGRESS_TRAFFIC_ALL"),
  launchStage: z.string().default("GA"),
  template: Template,
  traffic: z
    .array(Target)
    .superRefine((targets, context) => {
      const sum = targets.reduce((total, { percent = 0 }) => total + percent, 0);
      if (sum !== PERCENT_ALL) {
        context.addIssue(`The percents of all traffic targets must sum to 100, not ${sum}`);
      }
    })
    .refine((targets) => areUnlike(targets.map(({ tag }) => tag)), "a tag is given twice")
    .default(ALL_TO_LATEST),
  invokerIamDisabled: z.boolean().optional(),
  customAudiences: z.array(z.string()).optional(),
});

/**
 * What the executions of a job are made from.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/ExecutionTemplate,
 * https://cloud.google.com/run/docs/reference/rest/v2/TaskTemplate and https://cloud.google.com/run/quotas
 */
export const ExecutionTemplate = z
  .looseObject({
    ...PAIRS,
    taskCount: between(1, TASKS_MAX).default(1),
    parallelism: between(0, TASKS_MAX).optional(),
    template: z.looseObject({
      containers: TaskContainers,
      maxRetries: between(0, RETRIES_MAX).default(3),
      timeout: lasting(Number.MIN_VALUE, TASK_MAX_SECONDS).default("600s"),
    }),
  })
  .refine(({ parallelism = 0, taskCount }) => parallelism <= taskCount, {
    path: ["parallelism"],
    message: "it must not be more than there are tasks",
  });

/** The fields of a job that its owner sets. */
export const JobSpec = z.looseObject({
  ...PAIRS,
  launchStage: z.string().default("GA"),
  template: ExecutionTemplate,
});

/** What a service's owner sets, with what the API filled in. */
export type ServiceSpec = z.infer<typeof ServiceSpec>;
/** What a job's owner sets, with what the API filled in. */
export type JobSpec = z.infer<typeof JobSpec>;
/** What new revisions of a service are made from. */
export type RevisionTemplate = ServiceSpec["template"];
/** Where a share of a service's traffic goes. */
export type TrafficTarget = ServiceSpec["traffic"][number];
/** What the executions of a job are made from. */
export type ExecutionTemplate = JobSpec["template"];
/** What the tasks of an execution are made from. */
export type TaskTemplate = ExecutionTemplate["template"];
