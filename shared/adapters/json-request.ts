import { z } from "zod";

import { HttpFailure } from "./google-errors.ts";
import { exchange } from "./http-exchange.ts";

/** The longest answer that is read. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** A request with a body of JSON, if any. */
export type JsonRequest = {
  readonly method: string;
  readonly headers: Headers;
  /** Undefined for none. */
  readonly body: unknown;
  readonly timeoutMs: number;
};

const Failure = z.object({
  error: z.object({
    status: z.string().nullable().default(null),
    message: z.string(),
    details: z.array(z.unknown()).default([]),
  }),
});

/**
 * Makes a request of one of Google's APIs and gives the answer's JSON, null when it has none.
 * @throws HttpFailure when it is refused, or what the network throws: make it within `callOutside`.
 * Source: https://cloud.google.com/apis/design/errors#http_mapping
 */
export async function requestJson(
  url: URL,
  { method, headers, body, timeoutMs }: JsonRequest,
): Promise<unknown> {
  if (body !== undefined) {
    headers.set("content-type", "application/json");
  }
  const sent = { method, headers, body: toText(body), timeoutMs };
  const { status, statusText, text } = await exchange(url, sent, BODY_BYTES_MAX);
  const answer = parseJson(text);
  if (status >= 200 && status < 300) {
    return answer;
  }
  const failure = Failure.safeParse(answer);
  throw new HttpFailure(
    status,
    failure.success ? failure.data.error : { status: null, message: statusText },
  );
}

function toText(body: unknown): string | undefined {
  return body === undefined ? undefined : JSON.stringify(body);
}

/** A page of an error that is no JSON comes from something in between; its status says enough. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
