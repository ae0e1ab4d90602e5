import type { IncomingMessage } from "node:http";
import { accepted, refused } from "../shared/domain/result.ts";
import type { Result } from "../shared/domain/result.ts";

/** Why a body was not read. */
export type BodyRefusal = {
  readonly kind: "too-large" | "unreadable";
  readonly reason: string;
};

/**
 * Reads a request's body as UTF-8 text. No more than `bytesMax` bytes are held, and nothing is unpacked.
 * What is beyond stays unread, and the connection stays open for the answer.
 * @throws Error when something else has read it already.
 */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Result<string, BodyRefusal>> {
  if (request.readableDidRead) {
    throw new Error("the body was read before the function: the door is missing");
  }
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding.trim().toLowerCase() !== "identity") {
    return refused({
      kind: "unreadable",
      reason: "send the body as it is, without content-encoding",
    });
  }
  const chunks: Uint8Array[] = [];
  let read = 0;
  // The stream is typed without its chunks; those of a request are bytes.
  const incoming: AsyncIterable<Uint8Array> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of incoming) {
    read += chunk.byteLength;
    if (read > bytesMax) {
      return refused({ kind: "too-large", reason: `the body may have ${bytesMax} bytes at most` });
    }
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
}

function decode(bytes: Uint8Array): Result<string, BodyRefusal> {
  try {
    return accepted(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refused({ kind: "unreadable", reason: "the body is not UTF-8 text" });
  }
}
