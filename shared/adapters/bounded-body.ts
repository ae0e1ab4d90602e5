import { PermanentError } from "../ports/errors.ts";

/** An answer of the platform's `fetch` or of Node's HTTP, by the bytes of its body. */
type Answered = { readonly body: AsyncIterable<Uint8Array> | null };

/**
 * Reads an answer's body as text, and gives up once it is longer than it may be.
 * @throws PermanentError RESOURCE_EXHAUSTED when it has more than `bytesMax` bytes.
 */
export async function readBounded(
  { url, body }: Answered & { readonly url: string },
  bytesMax: number,
): Promise<string> {
  const bytes = await readAtMost({ body }, bytesMax);
  if (bytes === null) {
    const message = `${url} answered with more than ${bytesMax} bytes`;
    throw new PermanentError("RESOURCE_EXHAUSTED", message);
  }
  return new TextDecoder().decode(bytes);
}

/** Reads an answer's body; null, and no further, once it has more than `bytesMax` bytes. */
export async function readAtMost({ body }: Answered, bytesMax: number): Promise<Uint8Array | null> {
  if (body === null) {
    return new Uint8Array();
  }
  const read: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > bytesMax) {
      return null;
    }
    read.push(chunk);
  }
  return Buffer.concat(read);
}
