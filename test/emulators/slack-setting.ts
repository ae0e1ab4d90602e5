import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { LogLevel, WebClient } from "@slack/web-api";
import type { Logger } from "@slack/web-api";
import { faultPlan } from "../../emulators/kit/faults.ts";
import type { FaultPlan } from "../../emulators/kit/faults.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { startSlack } from "../../emulators/slack/server.ts";
import type { RunningSlack, SlackOptions } from "../../emulators/slack/server.ts";
import { onLoopback } from "../support/on-loopback.ts";

/** A workspace with some people and channels, its time, and Slack's own client for it. */
export type SlackSetting = {
  readonly slack: RunningSlack;
  readonly clock: ManualClock;
  readonly faults: FaultPlan;
  readonly client: WebClient;
};

/** Somebody of the workspace. */
export const ANN = {
  id: "U0ANN",
  name: "ann",
  real_name: "Ann",
  profile: { email: "ann@example.com" },
} as const;

/** Somebody else. */
export const BEN = {
  id: "U0BEN",
  name: "ben",
  real_name: "Ben",
  profile: { email: "ben@example.com" },
} as const;

/** Starts one on a clock that stands still. */
export async function openSlack(options: SlackOptions = {}): Promise<SlackSetting> {
  const clock = manualClock();
  const faults = faultPlan();
  const slack = await startSlack({
    users: [ANN, BEN],
    channels: ["ops", { name: "closed", isArchived: true }],
    clock,
    faults,
    ...options,
  });
  return { slack, clock, faults, client: clientOf(slack) };
}

function nothing(): void {}

/** What the client would say beside its errors. */
const SILENT: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => LogLevel.ERROR,
  setName: nothing,
};

/** Slack's client, which says at once what went wrong. */
export function clientOf(slack: RunningSlack, token: string = slack.token()): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
}

/** What an app got. */
type AppRequest = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** An app that keeps what it gets, and answers as it is told; it never answers where it is told null. */
export type SlackApp = {
  readonly url: string;
  readonly arrived: readonly AppRequest[];
  readonly answerWith: (
    answer: { readonly status?: number; readonly body?: string } | null,
  ) => void;
  readonly close: () => Promise<void>;
};

/** Starts one; it answers 200 with nothing. */
export async function openApp(): Promise<SlackApp> {
  const arrived: AppRequest[] = [];
  let answer: { readonly status?: number; readonly body?: string } | null = {};
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    arrived.push({ headers: request.headers, body: await text(request) });
    if (answer !== null) {
      response.writeHead(answer.status ?? 200).end(answer.body ?? "");
    }
  }
  const server = createServer((request, response) => void take(request, response));
  const { url, close } = await onLoopback(server);
  return {
    url,
    arrived,
    answerWith: (next) => {
      answer = next;
    },
    close,
  };
}
