import type { Query } from "./preconditions.ts";
import type { ObjectFields, StoredObject } from "./state.ts";
import { invalid, StorageError } from "./storage-error.ts";

/** An upload that is under way. */
export type Session = {
  readonly bucket: string;
  readonly fields: ObjectFields;
  readonly query: Query;
  readonly createdMs: number;
  received: Uint8Array;
  /** The object, once everything has come. */
  done: StoredObject | null;
};

/** A chunk with what its `Content-Range` says. */
export type Chunk = { readonly range: string | undefined; readonly bytes: Uint8Array };

/** Chunks but the last are kept in multiples of this. Source: https://cloud.google.com/storage/docs/performing-resumable-uploads#chunked-upload */
const UNIT_BYTES = 256 * 1024;

/** How long a session lasts. Source: https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
const SESSION_MS = 7 * 24 * 60 * 60 * 1000;

const RANGE = /^bytes (?:\*|(\d+)-(\d+|\*))\/(\d+|\*)$/;

/**
 * The session of an id.
 * @throws StorageError 404 when there is none, 410 when it is a week old.
 */
export function findSession(
  sessions: ReadonlyMap<string, Session>,
  id: string,
  nowMs: number,
): Session {
  const session = sessions.get(id);
  if (session === undefined) {
    throw new StorageError({ code: 404, reason: "notFound" }, `No such upload session: ${id}`);
  }
  if (nowMs - session.createdMs >= SESSION_MS) {
    throw new StorageError({ code: 410, reason: "gone" }, "The upload session has expired.");
  }
  return session;
}

/**
 * Takes a chunk in, and says whether everything has come. A chunk without bytes only asks. What was
 * received already may come again; what is not the last chunk is kept in whole units.
 * @throws StorageError 400 for a malformed range or one that leaves a gap.
 */
export function receiveChunk(session: Session, { range, bytes }: Chunk): boolean {
  if (range === undefined) {
    session.received = bytes;
    return true;
  }
  const match = RANGE.exec(range);
  if (match === null) {
    throw invalid(`Failed to parse Content-Range header: ${range}`);
  }
  const total = match[3] === "*" ? null : Number(match[3]);
  if (match[1] === undefined) {
    return total !== null && session.received.length === total;
  }
  const isLast = match[2] === "*" || total === Number(match[2]) + 1;
  append(session, { start: Number(match[1]), bytes, isLast });
  return isLast;
}

/** The `Range` header of a 308: what has come so far, none when that is nothing. */
export function receivedRange({ received }: Session): Readonly<Record<string, string>> {
  return received.length === 0 ? {} : { range: `bytes=0-${received.length - 1}` };
}

type Piece = { readonly start: number; readonly bytes: Uint8Array; readonly isLast: boolean };

function append(session: Session, { start, bytes, isLast }: Piece): void {
  const { received } = session;
  if (start > received.length) {
    throw invalid(`The chunk begins at ${start}, but only ${received.length} bytes have come.`);
  }
  const all = Buffer.concat([received.subarray(0, start), bytes]);
  const kept = isLast ? all.length : all.length - (all.length % UNIT_BYTES);
  session.received = all.subarray(0, kept);
}
