import { googleError } from "../kit/google-error.ts";
import type { ContentWriter } from "./contents.ts";
import type { Query } from "./request.ts";
import type { ObjectFields, StoredObject } from "./state.ts";
import { invalid } from "./storage-error.ts";

/** An upload that is under way. */
export type Session = {
  readonly bucket: string;
  readonly fields: ObjectFields;
  readonly query: Query;
  readonly createdMs: number;
  readonly writer: ContentWriter;
  /** Whether a request is bringing a chunk. */
  isBusy: boolean;
  /** The object, once everything has come. */
  done: StoredObject | null;
};

/** A chunk with what its `Content-Range` says. */
type Chunk = {
  readonly range: string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
};

/** Chunks but the last are kept in multiples of this. Source: https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload */
const UNIT_BYTES = 256 * 1024;

/** How long a session lasts. Source: https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
const SESSION_MS = 7 * 24 * 60 * 60 * 1000;

const RANGE = /^bytes (?:\*|(\d+)-(\d+|\*))\/(\d+|\*)$/;

/** Forgets sessions that are a week old, with what they brought. */
export function forgetOld(sessions: Map<string, Session>, nowMs: number): void {
  const old = [...sessions].filter(([, { createdMs }]) => nowMs - createdMs >= SESSION_MS);
  for (const [id, { writer }] of old) {
    writer.discard();
    sessions.delete(id);
  }
}

/**
 * Takes a chunk in, and says whether everything has come. A chunk without bytes only asks. What was received already may
 * come again; what is not the last chunk, or is cut off, is kept in whole units.
 * @throws GoogleError INVALID_ARGUMENT for a malformed range or one that leaves a gap, ALREADY_EXISTS while another
 * request brings a chunk.
 */
export async function receiveChunk(session: Session, { range, body }: Chunk): Promise<boolean> {
  if (session.isBusy) {
    throw googleError("ALREADY_EXISTS", "Another request is uploading.");
  }
  session.isBusy = true;
  try {
    return await append(session.writer, body, readRange(range, session.writer.size()));
  } finally {
    session.isBusy = false;
  }
}

/** The `Range` header of a 308: what has come so far, none when that is nothing. */
export function receivedRange({ writer }: Session): Readonly<Record<string, string>> {
  return writer.size() === 0 ? {} : { range: `bytes=0-${writer.size() - 1}` };
}

/** Where a chunk lies: how much of it is there already, whether it is the last, and where that one ends, if it says so. */
type Place = { readonly known: number; readonly isLast: boolean; readonly end: number | null };

/** Without a range it is the whole content. A question brings nothing. */
function readRange(range: string | undefined, size: number): Place {
  if (range === undefined) {
    return { known: size, isLast: true, end: null };
  }
  const match = RANGE.exec(range);
  if (match === null) {
    throw invalid(`Failed to parse Content-Range header: ${range}`);
  }
  const [, first, last = "*", total = "*"] = match;
  if (first === undefined) {
    return { known: Infinity, isLast: total === String(size), end: null };
  }
  if (Number(first) > size) {
    throw invalid(`The chunk begins at ${first}, but only ${size} bytes have come.`);
  }
  const end = last === "*" ? null : Number(last) + 1;
  return { known: size - Number(first), isLast: end === null || total === String(end), end };
}

async function append(
  writer: ContentWriter,
  body: AsyncIterable<Uint8Array>,
  { known, isLast, end }: Place,
): Promise<boolean> {
  let skipped = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of body) {
    const again = Math.min(chunk.length, known - skipped);
    skipped += again;
    rest = Buffer.concat([rest, chunk.subarray(again)]);
    const whole = rest.length - (rest.length % UNIT_BYTES);
    if (whole > 0) {
      await writer.append(rest.subarray(0, whole));
      rest = rest.subarray(whole);
    }
  }
  const isWhole = isLast && (end === null || end === writer.size() + rest.length);
  if (isWhole && rest.length > 0) {
    await writer.append(rest);
  }
  return isWhole;
}
