import { badRequest } from "../kit/google-error.ts";

/** The least and the most that a setting may be, both included, in seconds. */
export type Range = { readonly minSeconds: number; readonly maxSeconds: number };

const DURATION = /^(?<seconds>-?\d+(?:\.\d{1,9})?)s$/u;

/** A google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const seconds = DURATION.exec(text)?.groups?.["seconds"];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}

/** Milliseconds as a google.protobuf.Duration in JSON. */
export function toDuration(ms: number): string {
  return `${ms / 1_000}s`;
}

/**
 * Reads a duration setting, in milliseconds.
 * @throws GoogleError INVALID_ARGUMENT naming the field when it is none or out of its range.
 */
export function requireDuration(field: string, text: string, range: Range): number {
  const ms = parseDuration(text);
  const { minSeconds, maxSeconds } = range;
  if (ms === undefined || ms < minSeconds * 1_000 || ms > maxSeconds * 1_000) {
    throw badRequest(
      field,
      `${field} must be between ${minSeconds}s and ${maxSeconds}s, not ${text}`,
    );
  }
  return ms;
}
