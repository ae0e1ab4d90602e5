import type { Clock } from "../ports/clock.ts";
import { statusOf } from "./google-errors.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

/** How long an answer is believed, also the answer that there is no secret, in milliseconds. */
export const SECRET_FRESH_MS = 300_000;

/** How many secrets are kept; the oldest go first. */
const SECRETS_KEPT_MAX = 500;

/** What a secret answers that is not there, or has no version in use. */
const ABSENT: ReadonlySet<string> = new Set(["NOT_FOUND", "FAILED_PRECONDITION"]);

/**
 * Reads a version of a secret, `projects/P/secrets/S` and `latest` or a number; null when there is none. One that may not
 * be read is not none: Secret Manager answers PERMISSION_DENIED then, also for one that is not there.
 * @throws TransientError or PermanentError
 */
export type SecretReader = (secret: string, version: string) => Promise<string | null>;

type Kept = { readonly value: string | null; readonly untilMs: number };

/**
 * Secrets by Secret Manager's own client, kept for minutes.
 * Source: https://cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1
 */
export function secretReader(options: {
  readonly endpoint: GrpcEndpoint;
  readonly clock: Clock;
  /** How long an answer is believed, in milliseconds; `SECRET_FRESH_MS` where it is left out. */
  readonly freshMs?: number;
}): SecretReader {
  const { endpoint, clock, freshMs = SECRET_FRESH_MS } = options;
  const client = lazily(async () => {
    const { SecretManagerServiceClient } = await import("@google-cloud/secret-manager");
    return new SecretManagerServiceClient(await endpointOptions(endpoint));
  });
  const answers = new Map<string, Kept>();
  async function read(name: string): Promise<string | null> {
    try {
      const [{ payload }] = await callOutside(name, async () =>
        (await client()).accessSecretVersion({ name }, ONE_CALL),
      );
      return Buffer.from(payload?.data ?? "").toString();
    } catch (error) {
      if (ABSENT.has(statusOf(error))) {
        return null;
      }
      throw error;
    }
  }
  return async (secret, version) => {
    const name = `${secret}/versions/${version}`;
    const kept = answers.get(name);
    if (kept !== undefined && clock.now() < kept.untilMs) {
      return kept.value;
    }
    const value = await read(name);
    answers.delete(name);
    answers.set(name, { value, untilMs: clock.now() + freshMs });
    const [oldest] = answers.keys();
    if (answers.size > SECRETS_KEPT_MAX && oldest !== undefined) {
      answers.delete(oldest);
    }
    return value;
  };
}
