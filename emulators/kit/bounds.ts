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
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > REQUEST_BYTES_MAX) {
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
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
