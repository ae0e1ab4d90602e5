import { isTooDeep, readText, REQUEST_BYTES_MAX } from "./bounds.ts";
import { badRequest, GoogleError } from "./google-error.ts";

/** A body that is longer than what is read. The rest of it is not read, so that its connection is of no use any more. */
export class TooLargeError extends GoogleError {
  constructor(bytesMax: number = REQUEST_BYTES_MAX) {
    super("INVALID_ARGUMENT", `Request payload size exceeds the limit: ${bytesMax} bytes.`, []);
  }
}

/** The text of a request's body. @throws TooLargeError when it is longer than what is read. */
export async function readBody(request: Pick<Request, "body">): Promise<string> {
  const text = await readText(request.body);
  if (text === null) {
    throw new TooLargeError();
  }
  return text;
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
