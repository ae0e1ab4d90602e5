import { randomUUID } from "node:crypto";
import type { GoogleAuth } from "google-auth-library";
import { PermanentError } from "../../ports/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { parseOtlpHeaders } from "../../wire/otlp-headers.ts";
import type { TelemetryConfig } from "../../wire/telemetry-config.ts";
import { lazily } from "../grpc-endpoint.ts";
import type { SecretReader } from "../secret-reader.ts";
import { newRecorder } from "./recorder.ts";
import type { Recorder } from "./recorder.ts";
import { otlpSender } from "./sender.ts";
import type { Collector } from "./sender.ts";

/** Google's own collector, which takes the calling account's token. */
const GOOGLES = ".googleapis.com";

/** Source: https://cloud.google.com/stackdriver/docs/reference/telemetry/overview */
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/** What telling takes. */
export type WatchOptions = {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly telemetry: TelemetryConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SecretReader;
};

/** A recorder that sends what it is told to the collector of the configuration. */
export function openRecorder({ project, telemetry, clock, log, secrets }: WatchOptions): Recorder {
  const collector: Collector = {
    endpoint: telemetry.endpoint,
    headers: headersOf({ project, telemetry, secrets }),
    about: {
      "service.name": "slipway",
      "service.instance.id": randomUUID(),
      "cloud.provider": "gcp",
      "cloud.account.id": project,
      "gcp.project_id": project,
    },
  };
  return newRecorder({ project, clock, send: otlpSender(collector, { clock, log }) });
}

function headersOf({
  project,
  telemetry: { endpoint, headers, headersSecret },
  secrets,
}: Pick<WatchOptions, "project" | "telemetry" | "secrets">): Collector["headers"] {
  const isGoogles = new URL(endpoint).hostname.endsWith(GOOGLES);
  const auth = lazily(async (): Promise<GoogleAuth> => {
    const { GoogleAuth: Auth } = await import("google-auth-library");
    return new Auth({ scopes: [SCOPE] });
  });
  return async () => {
    const secret = headersSecret === null ? {} : await secretHeaders(headersSecret, secrets);
    const given = { ...headers, ...secret };
    if (!isGoogles) {
      return given;
    }
    const token = await (await auth()).getRequestHeaders(endpoint);
    return {
      ...given,
      authorization: token.get("authorization") ?? "",
      "x-goog-user-project": project,
    };
  };
}

/** The newest version counts, once what was read is some minutes old. */
async function secretHeaders(
  secret: string,
  secrets: SecretReader,
): Promise<Readonly<Record<string, string>>> {
  const text = await secrets(secret, "latest");
  const headers = parseOtlpHeaders(text ?? "");
  if (text === null || !headers.ok) {
    const reason = headers.ok ? "it has no version in use" : headers.refusal;
    throw new PermanentError("FAILED_PRECONDITION", `${secret}: ${reason}`);
  }
  return headers.value;
}
