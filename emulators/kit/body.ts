import { badRequest, GoogleError, httpStatus } from "./google-error.ts";

/**
 * The largest request that is read, in bytes, as JSON or as protobuf. The largest that a service takes is a publish request
 * of 10 MB, which is a third longer in JSON.
 */
export const REQUEST_BYTES_MAX = 20_000_000;

/**
 * How deep JSON may be nested, as in Google's own parser.
 * Source: https://protobuf.dev/reference/cpp/api-docs/google.protobuf.util.json_util/
 */
const NESTING_MAX = 100;

/** A body that is longer than what is read. The rest of it is not read, so that its connection is of no use any more. */
export class TooLargeError extends GoogleError {
  constructor(bytesMax: number = REQUEST_BYTES_MAX) {
    super("INVALID_ARGUMENT", `Request payload size exceeds the limit: ${bytesMax} bytes.`, []);
  }
}

/** What a refusal is over HTTP: its status, and for a body that was not read to its end that the connection ends. */
export function httpRefusal(refusal: GoogleError): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  return refusal instanceof TooLargeError
    ? { status: 413, headers: { connection: "close" } }
    : { status: httpStatus(refusal.status), headers: {} };
}

/** The text of a request's body. @throws TooLargeError when it is longer than what is read. */
export async function readBody(request: {
  readonly body: ReadableStream<Uint8Array> | null;
}): Promise<string> {
  return (await readBytes(request, REQUEST_BYTES_MAX)).toString("utf8");
}

/** The bytes of a request's body. What is longer is not read to its end. @throws TooLargeError when there are more. */
export async function readBytes(
  { body }: { readonly body: ReadableStream<Uint8Array> | null },
  bytesMax: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      throw new TooLargeError(bytesMax);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The value of a body that is JSON. @throws GoogleError INVALID_ARGUMENT for one that is not, or is nested too deep. */
export function parseJson(text: string): unknown {
  const json = tryParse(text);
  if (isTooDeep(json)) {
    throw badRequest("", "Invalid JSON payload received. Message too deep.");
  }
  return json;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("", "Invalid JSON payload received. Unexpected token.");
  }
}

/** Whether a value from JSON is nested deeper than is read. It is not looked at by recursion, which has its own limit. */
function isTooDeep(json: unknown): boolean {
  let level: readonly unknown[] = [json];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > NESTING_MAX) {
      return true;
    }
    level = level.flatMap(toParts);
  }
  return false;
}

function toParts(value: unknown): readonly unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}
