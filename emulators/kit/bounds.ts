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

/** The text of a body; null for one that is longer than what is read. */
export async function readText(body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  return (await readUpTo(body, REQUEST_BYTES_MAX))?.toString("utf8") ?? null;
}

/** The bytes of a body; null for one that is longer. What is longer is not read to its end. */
export async function readUpTo(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) {
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether a value from JSON is nested deeper than is read. It is not looked at by recursion, which has its own limit. */
export function isTooDeep(json: unknown): boolean {
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
