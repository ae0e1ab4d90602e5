import { createHmac } from "node:crypto";
import type { Clock } from "../kit/clock.ts";

/** How long Slack waits for an answer. Source: https://docs.slack.dev/interactivity/handling-user-interaction */
const PATIENCE_MS = 3000;

/** What an app answered; null where it did not in time, or not at all. */
export type AppAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly body: string }
  | { readonly kind: "late" }
  | { readonly kind: "unreachable" };

/** Where requests go, and what signs them. */
export type App = {
  readonly requestUrl: string | null;
  readonly signingSecret: string;
};

/** The signature of a body, by which an app knows who sent it. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function sign(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}

/** Sends a form as a signed request and waits for its answer, as long as Slack does. */
export async function sendToApp(
  app: App,
  clock: Clock,
  form: Readonly<Record<string, string>>,
): Promise<AppAnswer> {
  if (app.requestUrl === null) {
    return { kind: "unreachable" };
  }
  const body = new URLSearchParams(form).toString();
  const timestamp = String(Math.floor(clock.now() / 1000));
  const patience = new AbortController();
  const timer = clock.at(clock.now() + PATIENCE_MS, () => {
    patience.abort();
  });
  try {
    const response = await fetch(app.requestUrl, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json,*/*",
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": sign(app.signingSecret, timestamp, body),
      },
      body,
      redirect: "manual",
      signal: patience.signal,
    });
    return { kind: "answered", status: response.status, body: await response.text() };
  } catch {
    // There was no whole answer: none in time, or no connection.
    return { kind: patience.signal.aborted ? "late" : "unreachable" };
  } finally {
    timer.cancel();
  }
}
