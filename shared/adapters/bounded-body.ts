import { PermanentError } from "../ports/errors.ts";

/**
 * Reads an answer's body as text, and gives up once it is longer than it may be.
 * @throws PermanentError RESOURCE_EXHAUSTED when it has more than `bytesMax` bytes.
 */
export async function readBounded(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) {
    return "";
  }
  const decoder = new TextDecoder();
  let text = "";
  let read = 0;
  // The platform's stream is typed without its chunks; those of a body are bytes.
  const chunks: AsyncIterable<Uint8Array> = response.body;
  for await (const chunk of chunks) {
    read += chunk.byteLength;
    if (read > bytesMax) {
      const message = `${response.url} answered with more than ${bytesMax} bytes`;
      throw new PermanentError("RESOURCE_EXHAUSTED", message);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
