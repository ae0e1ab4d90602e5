import { createHmac } from "node:crypto";
import type { Message } from "../kit/call.ts";
import type { Clock } from "../kit/clock.ts";
import { isRecord } from "../kit/json.ts";

/** How long Slack waits for an answer. Source: https://docs.slack.dev/interactivity/handling-user-interaction */
const PATIENCE_MS = 3000;

/** What an app answered. */
export type AppAnswer = {
  /** Slack's word for an app that did not do its part; null where it did. */
  readonly problem: "dispatch_failed" | "operation_timeout" | null;
  /** Null for an empty one; a body that is no JSON is the text itself. */
  readonly body: Message | null;
};

/** Where requests go, and what signs them. */
export type App = { readonly requestUrl: string; readonly signingSecret: string };

/** The signature of a body, by which an app knows who sent it. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** Sends a form as a signed request and waits for its answer, as long as Slack does. */
export async function sendToApp(
  { requestUrl, signingSecret }: App,
  clock: Clock,
  form: Readonly<Record<string, string>>,
): Promise<AppAnswer> {
  const body = new URLSearchParams(form).toString();
  const timestamp = String(Math.floor(clock.now() / 1000));
  const patience = new AbortController();
  const timer = clock.at(clock.now() + PATIENCE_MS, () => {
    patience.abort();
  });
  try {
    const response = await fetch(requestUrl, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json,*/*",
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign(signingSecret, timestamp, body),
      },
      body,
      redirect: "manual",
      signal: patience.signal,
    });
    const answer = bodyOf(await response.text());
    return { problem: response.status === 200 ? null : "dispatch_failed", body: answer };
  } catch {
    // There was no whole answer: none in time, or no connection.
    return {
      problem: patience.signal.aborted ? "operation_timeout" : "dispatch_failed",
      body: null,
    };
  } finally {
    timer.cancel();
  }
}

function bodyOf(text: string): Message | null {
  try {
    const body: unknown = text.trim() === "" ? null : JSON.parse(text);
    return body === null || isRecord(body) ? body : { text };
  } catch {
    return { text };
  }
}
