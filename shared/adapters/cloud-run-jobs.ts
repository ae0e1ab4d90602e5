import type { ExecutionsClient, JobsClient, protos } from "@google-cloud/run";
import { z } from "zod";

import type { ExecutionState, ExecutionView, JobRef } from "../domain/job.ts";
import { TransientError } from "../ports/errors.ts";
import type { Jobs } from "../ports/jobs.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside, CREATION_LIMITS, nullWhenMissing, OPERATION_LIMITS } from "./outside-call.ts";

type Job = protos.google.cloud.run.v2.IJob;
type Execution = protos.google.cloud.run.v2.IExecution;
type Container = protos.google.cloud.run.v2.IContainer;
type Clients = () => Promise<{
  readonly jobs: JobsClient;
  readonly executions: ExecutionsClient;
}>;

/** The variable by which an execution is found again. */
const MARK = "SLIPWAY_MARK";
/** The variable that tells a job which release it runs for. */
const IMAGE = "SLIPWAY_IMAGE";

const Named = z.object({ name: z.string().min(1) });

/** What one call lists, newest first, and how many pages are looked through for a mark. */
const PAGE_SIZE = 100;
const PAGES_MAX = 5;

/** How an execution's condition `Completed` stands. */
const STATES: ReadonlyMap<string, ExecutionState> = new Map([
  ["CONDITION_PENDING", "RUNNING"],
  ["CONDITION_RECONCILING", "RUNNING"],
  ["CONDITION_SUCCEEDED", "SUCCEEDED"],
  ["CONDITION_FAILED", "FAILED"],
]);

/**
 * Cloud Run's jobs through their own clients. What an execution overrides can be variables, arguments
 * and the timeout, but not the image: a job that runs the service's own image is therefore first
 * updated to the release's, and one with an image of its own only learns of it from `SLIPWAY_IMAGE`.
 * Source: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2
 */
export function cloudRunJobs(options: { readonly endpoint: GrpcEndpoint }): Jobs {
  const clients: Clients = lazily(async () => {
    const library = await import("@google-cloud/run");
    const settings = await endpointOptions(options.endpoint);
    return {
      jobs: new library.JobsClient(settings),
      executions: new library.ExecutionsClient(settings),
    };
  });
  return {
    run: async (ref, mark, image) => {
      const name = jobName(ref);
      const there = await findMarked(clients, name, mark);
      if (there !== null) {
        return there;
      }
      const [job] = await callOutside(name, async () =>
        (await clients()).jobs.getJob({ name }, ONE_CALL),
      );
      await bringImage(clients, job, image);
      return start(clients, job, { mark, image });
    },
    observe: async (name) => {
      const found = await nullWhenMissing(() =>
        callOutside(name, async () =>
          (await clients()).executions.getExecution({ name }, ONE_CALL),
        ),
      );
      return found === null ? null : toView(found[0]);
    },
  };
}

/**
 * Starts the job once. When the answer is lost nothing is known: whoever tries again finds the
 * execution by its mark if it was begun.
 */
async function start(
  clients: Clients,
  job: Job,
  run: { readonly mark: string; readonly image: string },
): Promise<ExecutionView> {
  const name = job.name ?? "";
  const env = [
    { name: MARK, value: run.mark },
    { name: IMAGE, value: run.image },
  ];
  // A job's only container need not have a name, and an empty one means it.
  const containerOverrides = containersOf(job).map((container) => ({
    name: container.name ?? "",
    env,
  }));
  const request = { name, overrides: { containerOverrides } };
  const [operation] = await callOutside(
    name,
    async () => (await clients()).jobs.runJob(request, ONE_CALL),
    CREATION_LIMITS,
  );
  // The operation ends with the execution, which its metadata names until then.
  const begun = Named.safeParse(operation.metadata);
  if (begun.success) {
    return { name: begun.data.name, state: "RUNNING", message: null };
  }
  const found = await findMarked(clients, name, run.mark);
  if (found === null) {
    throw new TransientError("UNAVAILABLE", `${name}: the execution ${run.mark} does not show yet`);
  }
  return found;
}

/** Gives those containers the release's image that run another one of its repository. */
async function bringImage(clients: Clients, job: Job, image: string): Promise<void> {
  const containers = containersOf(job);
  const stale = containers.filter(
    (container) =>
      container.image !== image && repositoryOf(container.image ?? "") === repositoryOf(image),
  );
  if (stale.length === 0) {
    return;
  }
  const updated = containers.map((container) =>
    stale.includes(container) ? Object.assign({}, container, { image }) : container,
  );
  const task = { ...job.template?.template, containers: updated };
  const request = { job: { ...job, template: { ...job.template, template: task } } };
  await callOutside(
    job.name ?? "",
    async () => {
      const [operation] = await (await clients()).jobs.updateJob(request, ONE_CALL);
      await operation.promise();
    },
    OPERATION_LIMITS,
  );
}

async function findMarked(
  clients: Clients,
  job: string,
  mark: string,
): Promise<ExecutionView | null> {
  let pageToken = "";
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const request = { parent: job, pageSize: PAGE_SIZE, pageToken };
    const [executions, , response] = await callOutside(job, async () =>
      (await clients()).executions.listExecutions(request, { ...ONE_CALL, autoPaginate: false }),
    );
    const found = executions.find((execution) => hasMark(execution, mark));
    if (found !== undefined) {
      return toView(found);
    }
    pageToken = response.nextPageToken ?? "";
    if (pageToken === "") {
      return null;
    }
  }
  return null;
}

function hasMark({ template }: Execution, mark: string): boolean {
  const variables = (template?.containers ?? []).flatMap(({ env }) => env ?? []);
  return variables.some(({ name, value }) => name === MARK && value === mark);
}

/** Source: https://cloud.google.com/run/docs/reference/rpc/google.cloud.run.v2#condition */
function toView(execution: Execution): ExecutionView {
  const completed = (execution.conditions ?? []).find(({ type }) => type === "Completed");
  const raw = String(completed?.state ?? "CONDITION_PENDING");
  const state = STATES.get(raw) ?? "UNRECOGNIZED";
  const said = completed?.message ?? "";
  const message = said === "" ? `the execution is ${raw}` : said;
  return { name: execution.name ?? "", state, message: state === "FAILED" ? message : null };
}

function containersOf(job: Job): readonly Container[] {
  return job.template?.template?.containers ?? [];
}

/** An image's reference without tag and digest. */
function repositoryOf(image: string): string {
  return image.replace(/(?::[^/:@]+)?(?:@.*)?$/, "");
}

function jobName({ project, region, job }: JobRef): string {
  return `projects/${project}/locations/${region}/jobs/${job}`;
}
