import { isTooDeep, readText, readUpTo, REQUEST_BYTES_MAX } from "./bounds.ts";
import { badRequest, GoogleError, httpStatus } from "./google-error.ts";

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
export async function readBody(request: Pick<Request, "body">): Promise<string> {
  const text = await readText(request.body);
  if (text === null) {
    throw new TooLargeError();
  }
  return text;
}

/** The bytes of a request's body. @throws TooLargeError when there are more. */
export async function readBytes(request: Pick<Request, "body">, bytesMax: number): Promise<Buffer> {
  const bytes = await readUpTo(request.body, bytesMax);
  if (bytes === null) {
    throw new TooLargeError(bytesMax);
  }
  return bytes;
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
