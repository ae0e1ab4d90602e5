import { z } from "zod";
import { duration } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import { between, instant } from "../domain/time.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";

/** Why GitHub did not do something. */
export type RefusalKind =
  /** Too many calls: not before `wait` is over. */
  | "busy"
  /** Nothing is there under that name, or it is not shown to us. */
  | "missing"
  /** What was asked for is not taken, now or ever. */
  | "invalid"
  /** Who we are is not believed. */
  | "unknown"
  /** Somebody with rights there has to change something first. */
  | "denied";

/** What GitHub refused, in words that say what to do. */
export class GithubRefusal extends PermanentError {
  readonly kind: RefusalKind;
  readonly wait: Duration | null;

  constructor(kind: RefusalKind, message: string, wait: Duration | null = null) {
    super("FAILED_PRECONDITION", message);
    this.kind = kind;
    this.wait = wait;
  }
}

/** What GitHub's client throws, as far as it is read. */
const Thrown = z.object({
  status: z.number(),
  message: z.string(),
  response: z
    .object({
      headers: z.record(z.string(), z.unknown()).default({}),
      data: z.unknown(),
    })
    .optional(),
});

/** How long to wait at least after too many calls in a short time, where GitHub does not say. */
const SECONDARY_WAIT = duration(60_000);

/** What is asked for and about which repository, for the message. */
export type Asked = { readonly route: string; readonly repository: string; readonly now: Instant };

/**
 * What an error of GitHub's client means. A refusal is one whose message says what to do; everything else may pass.
 * Sources: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api,
 * https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function toGithubError(error: unknown, asked: Asked): GithubRefusal | TransientError {
  const read = Thrown.safeParse(error);
  // Without an answer the client says 500, too.
  if (!read.success || read.data.response === undefined) {
    const reason = error instanceof Error ? error.message : "no answer";
    return new TransientError("UNAVAILABLE", `GitHub did not answer ${asked.route}: ${reason}`);
  }
  const { status, response } = read.data;
  const said = saidBy(response.data, read.data.message);
  const wait = waitOf(status, { headers: response.headers, said, now: asked.now });
  if (wait !== null) {
    return new GithubRefusal("busy", "GitHub takes no more calls for now", wait);
  }
  return status >= 500
    ? new TransientError("UNAVAILABLE", `GitHub answered ${asked.route} with ${status}`)
    : refusalOf(status, said, asked.repository);
}

function refusalOf(status: number, said: string, repository: string): GithubRefusal {
  switch (status) {
    case 401:
      return new GithubRefusal(
        "unknown",
        `GitHub does not take our token (${said}): put a valid one, or the app's key, into the secret`,
      );
    case 403:
      return new GithubRefusal("denied", `GitHub, ${repository}: ${adviceFor(said)}`);
    case 404:
      return new GithubRefusal(
        "missing",
        `GitHub shows us no ${repository}: install the app on it, give the token access, or correct build.source.repo`,
      );
    default:
      return new GithubRefusal("invalid", `GitHub, ${repository}: ${said}`);
  }
}

/** The words are GitHub's own; what is not known is passed on. */
function adviceFor(said: string): string {
  if (/archived/i.test(said)) {
    return "the repository is archived, so nothing can be told there; take `github` out of delivery.notify, or unarchive it";
  }
  if (/suspended/i.test(said)) {
    return "the app's installation is suspended; somebody of the organization has to let it in again";
  }
  return /not accessible/i.test(said)
    ? `${said}; give the app Deployments, Commit statuses and Pull requests, each "Read and write", and accept that where it is installed`
    : said;
}

/** GitHub's own sentence, without the address of the page that the client puts behind it. */
function saidBy(data: unknown, message: string): string {
  const Said = z.object({
    message: z.string(),
    errors: z.array(z.unknown()).default([]),
  });
  const read = Said.safeParse(data);
  if (!read.success) {
    return message;
  }
  const Detail = z.object({ message: z.string() });
  const details = read.data.errors.flatMap((one) => {
    const detail = Detail.safeParse(one);
    return detail.success ? [detail.data.message] : [];
  });
  return [read.data.message, ...details].join(": ");
}

type Limited = {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly said: string;
  readonly now: Instant;
};

/** How long GitHub asks to be left alone; null where the answer is about something else. */
function waitOf(status: number, { headers, said, now }: Limited): Duration | null {
  if (status !== 403 && status !== 429) {
    return null;
  }
  const after = secondsIn(headers["retry-after"]);
  if (after !== null) {
    return duration(after * 1000);
  }
  const reset = secondsIn(headers["x-ratelimit-reset"]);
  if (String(headers["x-ratelimit-remaining"]) === "0" && reset !== null) {
    return duration(Math.max(1000, between(now, instant(reset * 1000))));
  }
  return status === 429 || /rate limit/i.test(said) ? SECONDARY_WAIT : null;
}

function secondsIn(value: unknown): number | null {
  const isCount = typeof value === "string" && /^\d{1,12}$/.test(value);
  return isCount ? Number(value) : null;
}
