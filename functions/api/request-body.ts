import type { RequestContext } from "../requests/context.ts";
import { readBody } from "../body.ts";
import { RequestError } from "../requests/errors.ts";

/** The largest body that the API reads: its longest requests are specifications of a few hundred lines. */
export const BODY_BYTES_MAX = 1_048_576;

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:\s*;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?(?<charset>[^";\s]*)/i;

/**
 * Reads the body of a request whose caller is known, and gives it to the router when it is JSON. An empty
 * one is none, whatever type it is declared as.
 * @throws RequestError PAYLOAD_TOO_LARGE or INVALID_ARGUMENT when it is not what can be read.
 */
export async function takeBody(context: RequestContext): Promise<void> {
  const { raw } = context.req;
  if (raw.method === "GET" || raw.method === "HEAD") {
    return;
  }
  const body = await readBody(context.env.incoming, BODY_BYTES_MAX);
  if (!body.ok) {
    const { kind, reason } = body.refusal;
    throw new RequestError(kind === "too-large" ? "PAYLOAD_TOO_LARGE" : "INVALID_ARGUMENT", reason);
  }
  const headers = new Headers(raw.headers);
  headers.delete("content-length");
  if (body.value === "") {
    headers.delete("content-type");
  } else {
    refuseForeign(headers.get("content-type") ?? "", body.value);
  }
  const text = body.value === "" ? null : body.value;
  context.req.raw = new Request(raw, { method: raw.method, headers, body: text });
}

/** A body that is not declared as JSON would be passed over in silence, and with it what it asks for. */
function refuseForeign(type: string, text: string): void {
  const charset = CHARSET.exec(type)?.groups?.["charset"] ?? "utf-8";
  if (!JSON_TYPE.test(type) || !/^utf-?8$/i.test(charset)) {
    const message = "send the body as JSON in UTF-8, with content-type: application/json";
    throw new RequestError("INVALID_ARGUMENT", message);
  }
  try {
    JSON.parse(text);
  } catch {
    throw new RequestError("INVALID_ARGUMENT", "the body is not JSON");
  }
}
