import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";

/** A name of a header. Source: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;

/** What a header's value may be: visible characters and spaces. */
const VALUE = /^[\x20-\x7e]+$/;

/** How many headers a collector may ask for. */
const HEADERS_MAX = 20;

/**
 * Headers as OpenTelemetry writes them: `name=value`, separated by commas, the values percent-encoded. Nothing of a text that is none
 * is repeated in the refusal, since it may be a secret.
 * Source: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
 */
export function parseOtlpHeaders(text: string): Result<Readonly<Record<string, string>>, string> {
  const items = text.split(",").map((item) => item.trim());
  const wanted = items.filter((item) => item !== "");
  if (wanted.length > HEADERS_MAX) {
    return refused(`there are more than ${HEADERS_MAX} headers`);
  }
  const headers = new Map<string, string>();
  for (const [index, item] of wanted.entries()) {
    const [name = "", ...rest] = item.split("=");
    const value = decoded(rest.join("=").trim());
    if (!NAME.test(name.trim()) || value === null || !VALUE.test(value)) {
      return refused(`item ${index + 1} is not NAME=VALUE, such as api-key=abc`);
    }
    headers.set(name.trim().toLowerCase(), value);
  }
  return accepted(Object.fromEntries(headers));
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
