import {
  AlertPolicyServiceClient,
  NotificationChannelServiceClient,
  type protos,
} from "@google-cloud/monitoring";
import * as grpc from "@grpc/grpc-js";

import { toTimestamp } from "../../emulators/kit/clock.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import {
  type MonitoringOptions,
  type RunningMonitoring,
  startMonitoring,
} from "../../emulators/monitoring/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

export const PROJECT = "projects/acme-prod";
export const PROJECT_NUMBER = "123456789012";
export const TOPIC = "projects/acme-prod/topics/incidents";
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** A log-based policy may tell a channel once in this time. */
export const RATE_LIMIT = { notificationRateLimit: { period: { seconds: 300 } } };

export type IAlertPolicy = protos.google.monitoring.v3.IAlertPolicy;
export type ICondition = protos.google.monitoring.v3.AlertPolicy.ICondition;

/** What was published, and when. */
export type Published = { readonly topic: string; readonly time: string; readonly body: unknown };

/** An answer over REST. */
export type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** An emulator on a manual clock, with the real clients over gRPC and a topic that keeps everything. */
export type Setting = {
  readonly clock: ManualClock;
  readonly server: RunningMonitoring;
  readonly policies: AlertPolicyServiceClient;
  readonly channels: NotificationChannelServiceClient;
  readonly published: readonly Published[];
  /** `state` of each incident notification so far. */
  readonly states: () => readonly string[];
  readonly send: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

/** Starts it all. */
export async function openMonitoring(
  options: Pick<MonitoringOptions, "persistence"> & { readonly clock?: ManualClock } = {},
): Promise<Setting> {
  const { clock = manualClock(), persistence } = options;
  const published: Published[] = [];
  const server = await startMonitoring({
    clock,
    persistence,
    publisher: {
      publish: (topic, { data = new Uint8Array() }) => {
        const body: unknown = JSON.parse(Buffer.from(data).toString());
        published.push({ topic, time: toTimestamp(clock.now()), body });
      },
    },
  });
  const address = {
    apiEndpoint: "127.0.0.1",
    port: server.port,
    projectId: "acme-prod",
    sslCreds: grpc.credentials.createInsecure(),
  };
  const policies = new AlertPolicyServiceClient(address);
  const channels = new NotificationChannelServiceClient(address);
  return {
    clock,
    server,
    policies,
    channels,
    published,
    states: () =>
      published.map(({ body }) => /"state":"(\w+)"/.exec(JSON.stringify(body))?.[1] ?? ""),
    send: (method, path, body) => sendTo(`${server.url}${path}`, method, body),
    close: async () => {
      await policies.close();
      await channels.close();
      await server.close();
    },
  };
}

async function sendTo(url: string, method: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the API answers with objects only
  return { status: response.status, body: (await response.json()) as Answer["body"] };
}

/** A condition on the share of failed requests. */
export function threshold(more: object = {}): ICondition {
  return {
    displayName: "5xx > 2%",
    conditionThreshold: {
      filter:
        'resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/request_count"',
      aggregations: [{ alignmentPeriod: { seconds: 60 }, perSeriesAligner: "ALIGN_RATE" }],
      comparison: "COMPARISON_GT",
      thresholdValue: 0.02,
      duration: { seconds: 60 },
      trigger: { count: 1 },
      ...more,
    },
  };
}

/** A condition that a log entry meets. */
export const LOG_MATCH: ICondition = {
  displayName: "panic",
  conditionMatchedLog: { filter: 'severity>=ERROR AND textPayload:"panic"' },
};

/** A policy with one threshold. */
export function aPolicy(more: IAlertPolicy = {}): IAlertPolicy {
  return {
    displayName: "api 5xx ratio",
    combiner: "OR",
    conditions: [threshold()],
    severity: "ERROR",
    ...more,
  };
}

/** Creates a Pub/Sub channel and returns its name. */
export async function createChannel(setting: Setting, topic: string = TOPIC): Promise<string> {
  const notificationChannel = { type: "pubsub", labels: { topic } };
  const [channel] = await setting.channels.createNotificationChannel({
    name: PROJECT,
    notificationChannel,
  });
  return channel.name ?? "";
}

/** Creates a policy and returns its name. */
export async function createPolicy(setting: Setting, policy: IAlertPolicy): Promise<string> {
  const [created] = await setting.policies.createAlertPolicy({
    name: PROJECT,
    alertPolicy: policy,
  });
  return created.name ?? "";
}

/** Creates a channel and a policy that tells it; returns both names. */
export async function createPair(
  setting: Setting,
  more: IAlertPolicy = {},
): Promise<{ readonly channel: string; readonly policy: string }> {
  const channel = await createChannel(setting);
  const policy = await createPolicy(setting, aPolicy({ notificationChannels: [channel], ...more }));
  return { channel, policy };
}
