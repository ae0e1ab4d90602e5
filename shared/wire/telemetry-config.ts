import { z } from "zod";
import { parseOtlpHeaders } from "./otlp-headers.ts";

/** A collector that takes OTLP over HTTP. */
export type TelemetryConfig = {
  /** Without `/v1/traces`. */
  readonly endpoint: string;
  /** Sent with each request. */
  readonly headers: Readonly<Record<string, string>>;
  /** The secret that has more headers, `projects/P/secrets/S`; null: there is none. */
  readonly headersSecret: string | null;
};

/** Headers as a variable has them. */
export const otlpHeaders = z
  .string()
  .default("")
  .transform((text, context) => {
    const headers = parseOtlpHeaders(text);
    if (!headers.ok) {
      context.addIssue({ code: "custom", message: headers.refusal });
      return {};
    }
    return headers.value;
  });

/** The collector that the variables name; null where no address is given. */
export function toTelemetry({
  SLIPWAY_OTLP_ENDPOINT: endpoint,
  SLIPWAY_OTLP_HEADERS: headers,
  SLIPWAY_OTLP_HEADERS_SECRET: headersSecret,
}: {
  readonly SLIPWAY_OTLP_ENDPOINT: string | null;
  readonly SLIPWAY_OTLP_HEADERS: TelemetryConfig["headers"];
  readonly SLIPWAY_OTLP_HEADERS_SECRET: string | null;
}): TelemetryConfig | null {
  return endpoint === null ? null : { endpoint, headers, headersSecret };
}
