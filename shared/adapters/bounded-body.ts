import { PermanentError } from "../ports/errors.ts";

/**
 * Reads an answer's body as text, and gives up once it is longer than it may be.
 * @throws PermanentError RESOURCE_EXHAUSTED when it has more than `bytesMax` bytes.
 */
export async function readBounded(response: Response, bytesMax: number): Promise<string> {
  const bytes = await readAtMost(response, bytesMax);
  if (bytes === null) {
    const message = `${response.url} answered with more than ${bytesMax} bytes`;
    throw new PermanentError("RESOURCE_EXHAUSTED", message);
  }
  return new TextDecoder().decode(bytes);
}

/** Reads an answer's body; null, and no further, once it has more than `bytesMax` bytes. */
export async function readAtMost(response: Response, bytesMax: number): Promise<Uint8Array | null> {
  if (response.body === null) {
    return new Uint8Array();
  }
  const read: Uint8Array[] = [];
  let length = 0;
  // The platform's stream is typed without its chunks; those of a body are bytes.
  const chunks: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > bytesMax) {
      return null;
    }
    read.push(chunk);
  }
  return Buffer.concat(read);
}
