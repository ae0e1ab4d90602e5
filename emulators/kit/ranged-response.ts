import type { ByteRange } from "./blob-store.ts";
import { googleError } from "./google-error.ts";

/** Bytes that can be read in part. */
export type Ranged = {
  readonly size: number;
  readonly headers: Headers;
  readonly stream: (range: ByteRange) => ReadableStream<Uint8Array>;
};

/**
 * The answer to a GET or HEAD of some bytes: all of them, or the one range that is asked for. A range of another unit, and
 * several, are as good as none, as RFC 9110 section 14.2 allows.
 * @throws GoogleError OUT_OF_RANGE for a range that they do not have.
 */
export function rangedResponse(request: Request, { size, headers, stream }: Ranged): Response {
  const range = readRange(request.headers.get("range"), size);
  const { start, end } = range ?? { start: 0, end: size - 1 };
  headers.set("content-length", String(end - start + 1));
  if (range !== null) {
    headers.set("content-range", `bytes ${start}-${end}/${size}`);
  }
  const body = request.method === "HEAD" || size === 0 ? null : stream({ start, end });
  return new Response(body, { status: range === null ? 200 : 206, headers });
}

/** Null for the whole. */
function readRange(text: string | null, size: number): ByteRange | null {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(text ?? "") ?? [];
  if (first === "" && last === "") {
    return null;
  }
  const range = toRange(first, last, size);
  if (range.start > range.end) {
    throw googleError("OUT_OF_RANGE", `There are ${size} bytes, of which this range has none.`);
  }
  return range;
}

/** Without a first byte the last one counts from the end. */
function toRange(first: string, last: string, size: number): ByteRange {
  return first === ""
    ? { start: Math.max(0, size - Number(last)), end: size - 1 }
    : { start: Number(first), end: last === "" ? size - 1 : Math.min(size - 1, Number(last)) };
}
