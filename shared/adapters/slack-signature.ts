import { createHmac, timingSafeEqual } from "node:crypto";
import { after, duration } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";
import type { Secrets } from "../ports/secrets.ts";

/** A request as it is said to come from Slack. */
export type SignedRequest = {
  readonly timestamp: string;
  readonly signature: string;
  /** The body's own bytes, as text. */
  readonly body: string;
};

/** How old a request from Slack may be. Source: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SLACK_REQUEST_AGE_MAX = duration(300_000);

/** How long the secret that was replaced is believed: what was signed with it is on its way. */
const REPLACED_SECRET_MAX = duration(600_000);

/** Says whether Slack signed a request, and lately. */
export type VerifySlack = (request: SignedRequest, ageMax?: Duration) => Promise<boolean>;

/** A secret that was believed, and until when. */
type Believed = { readonly value: string; readonly until: Instant | null };

/**
 * Verifies Slack's signature v0 over a body. A secret that was replaced is found out by the first signature that does
 * not fit, without a new deployment; the one before is believed for some minutes more.
 * @throws TransientError or PermanentError from what it returns, when the secret cannot be read.
 */
export function slackVerifier(options: {
  readonly clock: Clock;
  readonly secrets: Secrets;
  /** The full name of the secret. */
  readonly secret: string;
}): VerifySlack {
  const { clock, secrets, secret } = options;
  let believed: readonly Believed[] = [];
  function believe(value: string | null): void {
    const now = clock.now();
    const before = believed.filter(
      ({ value: other, until }) => other !== value && (until === null || now < until),
    );
    const replaced = before.map(({ value: other, until }) => {
      return { value: other, until: until ?? after(now, REPLACED_SECRET_MAX) };
    });
    believed =
      value === null || value === "" ? replaced : [{ value, until: null }, ...replaced.slice(0, 1)];
  }
  return async (request, ageMax = SLACK_REQUEST_AGE_MAX) => {
    if (!isRecent(request.timestamp, clock.now(), ageMax)) {
      return false;
    }
    if (believed.length === 0) {
      believe(await secrets.read(secret));
    }
    if (believed.some(({ value }) => isSignedWith(value, request))) {
      return true;
    }
    believe(await secrets.readAnew(secret));
    return believed.some(({ value }) => isSignedWith(value, request));
  };
}

/** A clock that is ahead of ours is as wrong as a request that is old. */
function isRecent(timestamp: string, now: Instant, ageMax: Duration): boolean {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(now - Number(timestamp) * 1000) <= ageMax;
}

/** Compares in constant time, so that nobody finds a signature out byte by byte. */
function isSignedWith(secret: string, { timestamp, signature, body }: SignedRequest): boolean {
  const mac = createHmac("sha256", secret.trim()).update(`v0:${timestamp}:${body}`).digest("hex");
  const expected = Buffer.from(`v0=${mac}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
