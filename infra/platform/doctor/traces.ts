import { connectionFailure } from "../../../shared/adapters/telemetry/failure.ts";
import type { Settings } from "../settings.ts";
import { warning, well } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** How long the collector has to answer. */
const ANSWER_MAX_MS = 5000;

const NOT_FOUND = 404;

/**
 * Whether the collector of traces answers, as this machine sees it. What it is shown is empty and has no credentials, so that a refusal
 * is an answer, too. It need not be reachable from everywhere: what the functions see is in their log.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
export async function tracesFindings({
  project,
  telemetry,
}: Pick<Settings, "project" | "telemetry">): Promise<readonly Finding[]> {
  if (telemetry === null) {
    return [];
  }
  const url = `${telemetry.endpoint.replace(/\/$/, "")}/v1/traces`;
  try {
    const { status } = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: "",
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MAX_MS),
    });
    return status === NOT_FOUND
      ? [warning("traces", `there is nothing at ${url}`, CORRECT)]
      : [well("traces", `the collector at ${telemetry.endpoint} answers`)];
  } catch (error) {
    const message = `the collector at ${telemetry.endpoint} cannot be reached from here: ${connectionFailure(error)}`;
    return [warning("traces", message, logOf(project))];
  }
}

const CORRECT =
  "correct telemetry.endpoint in the installation's file: the address before /v1/traces";

/** What the functions themselves have seen of it. */
function logOf(project: string): string {
  return `gcloud logging read jsonPayload.message:traces --project=${project} --limit=5 shows what the functions see`;
}
