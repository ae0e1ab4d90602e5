import { CloudSchedulerClient, type protos } from "@google-cloud/scheduler";
import * as grpc from "@grpc/grpc-js";

import { toTimestamp } from "../../emulators/kit/clock.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import type { PublishedMessage } from "../../emulators/kit/publisher.ts";
import {
  type RunningScheduler,
  type SchedulerOptions,
  startScheduler,
} from "../../emulators/scheduler/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

export const PARENT = "projects/acme/locations/us-central1";
export const JOB = `${PARENT}/jobs/tick`;
export const TOPIC = "projects/acme/topics/ticks";
export const ACCOUNT = "scheduler@acme.iam.gserviceaccount.com";
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

export type IJob = protos.google.cloud.scheduler.v1.IJob;
export type IHttpTarget = protos.google.cloud.scheduler.v1.IHttpTarget;

/** What a job published, and when. */
export type Published = { readonly topic: string; readonly time: string } & PublishedMessage;

/** An emulator on a manual clock, with the real client over gRPC and a topic that keeps everything. */
export type Setting = {
  readonly clock: ManualClock;
  readonly server: RunningScheduler;
  readonly client: CloudSchedulerClient;
  readonly published: readonly Published[];
  /** The times at which something was published. */
  readonly times: () => readonly string[];
  /** Advances in steps, and lets what fell due be answered after each. */
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  /** The job `tick` as it is. */
  readonly read: () => Promise<IJob>;
  readonly close: () => Promise<void>;
};

/** Starts it all; what is scheduled begins at a time, 2026-11-20T10:00:00Z unless told otherwise. */
export async function openScheduler(
  options: Pick<SchedulerOptions, "persistence"> & {
    readonly clock?: ManualClock;
    readonly start?: string;
  } = {},
): Promise<Setting> {
  const { persistence = memoryPersistence(), start = "2026-11-20T10:00:00Z" } = options;
  const clock = options.clock ?? manualClock(Date.parse(start));
  const published: Published[] = [];
  const server = await startScheduler({
    clock,
    persistence,
    publisher: {
      publish: (topic, message) =>
        void published.push({ topic, time: toTimestamp(clock.now()), ...message }),
    },
  });
  const client = new CloudSchedulerClient({
    apiEndpoint: "127.0.0.1",
    port: server.port,
    projectId: "acme",
    sslCreds: grpc.credentials.createInsecure(),
  });
  return {
    clock,
    server,
    client,
    published,
    times: () => published.map(({ time }) => time),
    pass: async (ms, stepMs = ms) => {
      for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
        await clock.advance(stepMs);
        await server.idle();
      }
    },
    read: async () => (await client.getJob({ name: JOB }))[0],
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** A job with a Pub/Sub target, every five minutes. */
export function pubsubJob(more: IJob = {}): IJob {
  return {
    name: JOB,
    schedule: "*/5 * * * *",
    timeZone: "Etc/UTC",
    pubsubTarget: { topicName: TOPIC, data: Buffer.from("tick"), attributes: { kind: "minute" } },
    ...more,
  };
}

/** A job with an HTTP target, every five minutes. */
export function httpJob(uri: string, target: IHttpTarget = {}, more: IJob = {}): IJob {
  return { name: JOB, schedule: "*/5 * * * *", httpTarget: { uri, ...target }, ...more };
}

/** Creates a job. */
export async function create(setting: Setting, job: IJob): Promise<IJob> {
  return (await setting.client.createJob({ parent: PARENT, job }))[0];
}

/** A protobuf timestamp as text. */
export function timeOf(time: protos.google.protobuf.ITimestamp | null | undefined): string {
  return toTimestamp(Number(time?.seconds ?? 0) * 1_000);
}
