import { z } from "zod";
import type { Message } from "../kit/call.ts";
import { allOf, type Rule, textAt } from "../kit/access/rules.ts";
import { badRequest } from "../kit/google-error.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { asAccount, running } from "./access-rules.ts";
import { jobFromKnative } from "./from-knative.ts";
import type { ExecutionRecord, JobSpec } from "./job-records.ts";
import { knativeExecution, knativeJob, knativeTask } from "./knative-job-view.ts";
import {
  checkVersion,
  inPlace,
  isDryRun,
  KnativeBody,
  KnativeRequest,
  listed,
  nameIn,
  needed,
  placeIn,
  rewritten,
  SUCCESS,
} from "./knative-request.ts";
import { idOf } from "./names.ts";
import {
  cancelExecution,
  deleteExecution,
  findExecution,
  getTask,
  runJob,
} from "./operations-executions.ts";
import { createJob, deleteJob, findJob, writeJob } from "./operations-jobs.ts";
import { present } from "./present.ts";
import type { CloudRun } from "./state.ts";

const API = "run.googleapis.com/v1";
const BASE = `/apis/${API}/namespaces/{namespace}`;
const JOBS = `${BASE}/jobs`;
const JOB = `${JOBS}/{name}`;
const EXECUTION = `${BASE}/executions/{name}`;
const ACCOUNT = "spec.template.spec.template.spec.serviceAccountName";

const Run = z.object({
  overrides: z
    .object({
      containerOverrides: z
        .array(
          z.object({
            name: z.string().default(""),
            args: z.array(z.string()).default([]),
            env: z.array(z.object({ name: z.string(), value: z.string().default("") })).default([]),
            clearArgs: z.boolean().default(false),
          }),
        )
        .default([]),
      taskCount: z.number().optional(),
      timeoutSeconds: z.number().optional(),
    })
    .optional(),
});

/** Jobs, executions and tasks in version 1. */
export function knativeJobMethods(run: CloudRun): readonly RestMethod[] {
  return [...jobMethods(run), runMethod(run), ...executionMethods(run), ...taskMethods(run)];
}

function jobMethods(run: CloudRun): readonly RestMethod[] {
  const { state } = run;
  const nameOf = (request: Message): string => nameIn(request, "jobs", state.jobs);
  const onOne = (verb: string): Rule => needed(`run.jobs.${verb}`, nameOf);
  const view = (name: string, nowMs: number): object =>
    knativeJob(state, findJob(run, name), nowMs);
  return [
    {
      name: "google.cloud.run.v1.Jobs/ListJobs",
      at: ["GET", JOBS],
      needs: needed("run.jobs.list", placeIn),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        const views = inPlace(request, state.jobs).map((job) => knativeJob(state, job, nowMs));
        return listed(request, [API, "Job"], views);
      }),
    },
    {
      name: "google.cloud.run.v1.Jobs/GetJob",
      at: ["GET", JOB],
      needs: onOne("get"),
      takes: taking(KnativeRequest, (request, { nowMs }) => view(nameOf(request), nowMs)),
    },
    {
      name: "google.cloud.run.v1.Jobs/CreateJob",
      at: ["POST", JOBS],
      needs: allOf(needed("run.jobs.create", placeIn), asAccount(ACCOUNT)),
      takes: taking(KnativeBody, (request, { nowMs }) => {
        const { id, spec } = jobFromKnative(request);
        const parent = placeIn(request);
        createJob(run, { parent, jobId: id, job: spec, validateOnly: isDryRun(request) }, nowMs);
        return isDryRun(request) ? request : view(`${parent}/jobs/${id}`, nowMs);
      }),
    },
    {
      name: "google.cloud.run.v1.Jobs/ReplaceJob",
      at: ["PUT", JOB],
      needs: allOf(onOne("update"), asAccount(ACCOUNT)),
      takes: taking(KnativeBody, (request, { nowMs }) => {
        replaceJob(run, request, nowMs);
        return view(nameOf(request), nowMs);
      }),
    },
    {
      name: "google.cloud.run.v1.Jobs/DeleteJob",
      at: ["DELETE", JOB],
      needs: onOne("delete"),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        deleteJob(run, { name: nameOf(request), validateOnly: isDryRun(request) }, nowMs);
        return SUCCESS;
      }),
    },
  ];
}

function replaceJob(run: CloudRun, request: Message, nowMs: number): void {
  const name = nameIn(request, "jobs", run.state.jobs);
  const current = findJob(run, name);
  checkVersion(request, current);
  const before = jobFromKnative(knativeJob(run.state, current, nowMs)).spec;
  const job: JobSpec = rewritten(current.spec, before, jobFromKnative(request).spec);
  writeJob(run, { name, job, validateOnly: isDryRun(request) }, nowMs);
}

/** Starts an execution, which is what it answers. */
function runMethod(run: CloudRun): RestMethod {
  const nameOf = (request: Message): string => nameIn(request, "jobs", run.state.jobs);
  return {
    name: "google.cloud.run.v1.Jobs/RunJob",
    at: ["POST", `${JOB}:run`],
    needs: (request) => running({ ...request, name: nameOf(request) }),
    takes: taking(KnativeBody, (request, { nowMs }) => {
      const name = nameOf(request);
      runJob(run, { name, ...overridesOf(request) }, nowMs);
      const { latestExecution } = findJob(run, name);
      return knativeExecution(findExecution(run, latestExecution ?? ""), nowMs);
    }),
  };
}

function executionMethods(run: CloudRun): readonly RestMethod[] {
  const { executions } = run.state;
  const nameOf = (request: Message): string => nameIn(request, "jobs/-/executions", executions);
  const onOne = (verb: string): Rule => needed(`run.executions.${verb}`, nameOf);
  const find = (request: Message): ExecutionRecord => findExecution(run, nameOf(request));
  return [
    {
      name: "google.cloud.run.v1.Executions/ListExecutions",
      at: ["GET", `${BASE}/executions`],
      needs: needed("run.executions.list", placeIn),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        const found = inPlace(request, executions).toReversed();
        const views = found.map((execution) => knativeExecution(execution, nowMs));
        return listed(request, [API, "Execution"], views);
      }),
    },
    {
      name: "google.cloud.run.v1.Executions/GetExecution",
      at: ["GET", EXECUTION],
      needs: onOne("get"),
      takes: taking(KnativeRequest, (request, { nowMs }) => knativeExecution(find(request), nowMs)),
    },
    {
      name: "google.cloud.run.v1.Executions/CancelExecution",
      at: ["POST", `${EXECUTION}:cancel`],
      needs: onOne("cancel"),
      takes: taking(KnativeBody, (request, { nowMs }) => {
        cancelExecution(run, { name: nameOf(request) }, nowMs);
        return knativeExecution(find(request), nowMs);
      }),
    },
    {
      name: "google.cloud.run.v1.Executions/DeleteExecution",
      at: ["DELETE", EXECUTION],
      needs: onOne("delete"),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        deleteExecution(run, { name: nameOf(request) }, nowMs);
        return SUCCESS;
      }),
    },
  ];
}

function taskMethods(run: CloudRun): readonly RestMethod[] {
  const { executions } = run.state;
  return [
    {
      name: "google.cloud.run.v1.Tasks/ListTasks",
      at: ["GET", `${BASE}/tasks`],
      needs: needed("run.tasks.list", placeIn),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        const views = inPlace(request, executions).flatMap((execution) =>
          execution.tasks.map((_, index) => knativeTask(execution, index, nowMs)),
        );
        return listed(request, [API, "Task"], views);
      }),
    },
    {
      name: "google.cloud.run.v1.Tasks/GetTask",
      at: ["GET", `${BASE}/tasks/{name}`],
      needs: needed("run.tasks.get", placeIn),
      takes: taking(KnativeRequest, (request, { nowMs }) => {
        const id = textAt(request, "name");
        const execution = findExecution(
          run,
          nameIn(
            { ...request, name: id.replace(/-task\d+$/, "") },
            "jobs/-/executions",
            executions,
          ),
        );
        getTask(run, { name: `${execution.name}/tasks/${id}` }, nowMs);
        return knativeTask(execution, Number(/\d+$/.exec(idOf(id))?.[0]), nowMs);
      }),
    },
  ];
}

function overridesOf(request: Message): Pick<Parameters<typeof runJob>[1], "overrides"> {
  const parsed = Run.safeParse(request);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = (issue?.path ?? []).join(".");
    throw badRequest(field, `Invalid value for ${field}: ${issue?.message ?? ""}`);
  }
  const { overrides } = parsed.data;
  if (overrides === undefined) {
    return {};
  }
  const { timeoutSeconds, taskCount, containerOverrides } = overrides;
  const timeout = timeoutSeconds === undefined ? undefined : `${timeoutSeconds}s`;
  return { overrides: present({ containerOverrides, taskCount, timeout }) };
}
