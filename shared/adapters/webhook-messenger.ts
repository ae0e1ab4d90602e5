import { duration } from "../domain/time.ts";
import type { Duration } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Answer, Messenger } from "../ports/notices.ts";
import { toNoticeEvent } from "../wire/notice-event.ts";
import { postOnce } from "./webhook-request.ts";
import type { Reach, WebhookAnswer } from "./webhook-request.ts";
import { parseWebhookKeys, signWebhook } from "./webhook-signature.ts";

/** How long a receiver may take for one event, in milliseconds. */
const WEBHOOK_CALL_MAX_MS = 10_000;

/** How long a receiver may ask to be left alone, in milliseconds. */
const WEBHOOK_WAIT_MAX_MS = 3_600_000;

/** What it takes to send events. */
export type WebhookOptions = {
  /** Reads a secret of Slipway's project by its id; null where there is none. @throws TransientError or PermanentError */
  readonly secret: (id: string) => Promise<string | null>;
  readonly reach: Reach;
  readonly clock: Clock;
};

/**
 * Sends events as Standard Webhooks says. The record's id is the event's: whoever gets an event again knows it by that.
 * A receiver that answers 410 is left alone.
 * Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookMessenger(options: WebhookOptions): Messenger<"webhook"> {
  const { secret, reach, clock } = options;
  return {
    can: { keepsCurrent: false, knowsRepeats: true, namesCommits: false },
    tell: async ({ url, secret: id }, message) => {
      const keys = parseWebhookKeys((await secret(id)) ?? "");
      if (!keys.ok) {
        return later(`the secret ${id} ${keys.refusal}`);
      }
      const body = JSON.stringify(toNoticeEvent(message));
      const seconds = Math.floor(clock.now() / 1000);
      const headers = {
        ...signWebhook(keys.value, { id: message.notice.id, seconds, body }),
        "content-type": "application/json",
        "user-agent": "slipway",
      };
      const post = { headers, body, deadlineMs: WEBHOOK_CALL_MAX_MS };
      const target = new URL(url);
      return toAnswer(target, await postOnce(target, post, reach), clock);
    },
  };
}

function toAnswer({ host }: URL, answer: WebhookAnswer, clock: Clock): Answer {
  if (answer.kind === "unreached") {
    return later(`${host} ${answer.reason}`);
  }
  const { status, retryAfter } = answer;
  if (status >= 200 && status < 300) {
    return { kind: "told", thread: null };
  }
  if (status === 410) {
    return { kind: "gone", reason: `${host} answered 410: it wants no more events` };
  }
  const advice = status >= 300 && status < 400 ? REDIRECTED : "";
  return later(`${host} answered ${status}${advice}`, waitOf(retryAfter, clock));
}

const REDIRECTED = ", which leads elsewhere, and nobody follows: name the address that it leads to";

/** Seconds, or a moment. Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function waitOf(retryAfter: string | null, clock: Clock): Duration | null {
  if (retryAfter === null) {
    return null;
  }
  const ms = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - clock.now();
  return Number.isNaN(ms) ? null : duration(Math.min(Math.max(ms, 0), WEBHOOK_WAIT_MAX_MS));
}

function later(reason: string, wait: Duration | null = null): Answer {
  return { kind: "later", reason, wait, thread: null };
}
