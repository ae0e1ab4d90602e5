import { ExecutionsClient, JobsClient } from "@google-cloud/run";
import type { protos } from "@google-cloud/run";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { startCloudRun } from "../../emulators/cloud-run/server.ts";
import type { RunningCloudRun } from "../../emulators/cloud-run/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { cloudRunJobs } from "../../shared/adapters/cloud-run-jobs.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import type { JobRef } from "../../shared/domain/job.ts";
import {
  BROKEN,
  jobsContract,
  MIGRATE,
  OLD_IMAGE,
  TOOL,
  TOOL_IMAGE,
} from "../support/contracts/jobs-contract.ts";
import type { OpenJobs, RanExecution } from "../support/contracts/jobs-contract.ts";
import { memoryJobName } from "../support/memory-jobs.ts";
import { memoryPorts } from "../support/memory-ports.ts";

type Container = protos.google.cloud.run.v2.IContainer;

const TASK_MS = 1000;

jobsContract("in memory", async () => {
  const { ports, world, jobs: hand } = memoryPorts();
  for (const [job, image] of [
    [MIGRATE, OLD_IMAGE],
    [BROKEN, OLD_IMAGE],
    [TOOL, TOOL_IMAGE],
  ] as const) {
    world.jobs.images.set(memoryJobName(job), image);
  }
  return {
    jobs: ports.jobs,
    finish: async () => {
      for (const { job, mark } of world.jobs.executions) {
        if (job === memoryJobName(BROKEN)) {
          hand.fail(mark, "the container exited with an error");
        }
      }
      hand.finishAll();
    },
    ran: async (job) =>
      world.jobs.executions
        .filter((execution) => execution.job === memoryJobName(job))
        .map(({ mark, image, release }) => ({ mark, image, release })),
    close: async () => {},
  };
});

jobsContract("by Cloud Run", async (): Promise<OpenJobs> => {
  const clock = manualClock();
  const server = await openJobs(clock);
  return {
    jobs: cloudRunJobs({ endpoint: server.grpcAddress }),
    finish: async () => clock.advance(TASK_MS),
    ran: async (job) => listRan(server, job),
    close: server.close,
  };
});

describe("an execution of a job", () => {
  const release = `${OLD_IMAGE.slice(0, OLD_IMAGE.indexOf("@"))}@sha256:${"ab".repeat(32)}`;
  let server: RunningCloudRun;
  beforeEach(async () => {
    server = await openJobs(manualClock());
  });
  afterEach(async () => server.close());

  test.for(["drop-before", "drop-after"] as const)(
    "whose answer is lost (%s) does not run twice",
    async (kind) => {
      const jobs = cloudRunJobs({ endpoint: server.grpcAddress });
      server.faults.add({ method: "RunJob", call: 1, kind });
      await expect(jobs.run(MIGRATE, "m-1", release)).rejects.toMatchObject({
        name: "TransientError",
      });
      const found = await jobs.run(MIGRATE, "m-1", release);
      expect(await listRan(server, MIGRATE)).toHaveLength(1);
      expect(found.name).toContain("/jobs/migrate/executions/");
    },
  );

  test("keeps the job's other variables and containers", async () => {
    const client = new JobsClient(await endpointOptions(server.grpcAddress));
    const containers: Container[] = [
      { name: "main", image: OLD_IMAGE, env: [{ name: "DATABASE", value: "orders" }] },
      { name: "proxy", image: TOOL_IMAGE },
    ];
    await createJob(client, { ...MIGRATE, job: "pair" }, containers);
    await cloudRunJobs({ endpoint: server.grpcAddress }).run(
      { ...MIGRATE, job: "pair" },
      "m-1",
      release,
    );
    const [execution] = await listExecutions(server, { ...MIGRATE, job: "pair" });
    const told = [
      { name: "SLIPWAY_MARK", value: "m-1" },
      { name: "SLIPWAY_IMAGE", value: release },
    ];
    expect(execution?.template?.containers).toMatchObject([
      { name: "main", image: release, env: [{ name: "DATABASE", value: "orders" }, ...told] },
      { name: "proxy", image: TOOL_IMAGE, env: told },
    ]);
    await client.close();
  });

  test("leaves a job alone that runs the release's image already", async () => {
    const jobs = cloudRunJobs({ endpoint: server.grpcAddress });
    await jobs.run(MIGRATE, "m-1", release);
    await jobs.run(MIGRATE, "m-2", release);
    expect(server.faults.calls("UpdateJob")).toBe(1);
  });
});

async function openJobs(clock: ReturnType<typeof manualClock>): Promise<RunningCloudRun> {
  const server = await startCloudRun({ clock, taskMs: TASK_MS });
  const client = new JobsClient(await endpointOptions(server.grpcAddress));
  const fails = [{ name: "SLIPWAY_EMULATOR_JOB", value: "fail" }];
  await createJob(client, MIGRATE, [{ image: OLD_IMAGE }]);
  await createJob(client, BROKEN, [{ image: OLD_IMAGE, env: fails }]);
  await createJob(client, TOOL, [{ image: TOOL_IMAGE }]);
  await client.close();
  return server;
}

async function createJob(
  client: JobsClient,
  { project, region, job }: JobRef,
  containers: Container[],
): Promise<void> {
  await client.createJob({
    parent: `projects/${project}/locations/${region}`,
    jobId: job,
    job: { template: { template: { containers, maxRetries: 0 } } },
  });
}

async function listExecutions(
  server: RunningCloudRun,
  job: JobRef,
): Promise<readonly protos.google.cloud.run.v2.IExecution[]> {
  const client = new ExecutionsClient(await endpointOptions(server.grpcAddress));
  const [found] = await client.listExecutions({ parent: memoryJobName(job) });
  await client.close();
  return found;
}

async function listRan(server: RunningCloudRun, job: JobRef): Promise<readonly RanExecution[]> {
  const found = await listExecutions(server, job);
  return found.toReversed().map(({ template }) => {
    const [container] = template?.containers ?? [];
    const value = (name: string): string =>
      container?.env?.find((one) => one.name === name)?.value ?? "";
    const image = container?.image ?? "";
    return { mark: value("SLIPWAY_MARK"), image, release: value("SLIPWAY_IMAGE") };
  });
}
