import { badRequest } from "../kit/google-error.ts";

/** The least and the most that a setting may be, both included, in seconds. */
export type Range = { readonly minSeconds: number; readonly maxSeconds: number };

/**
 * Reads a setting that is a google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds.
 * @throws GoogleError INVALID_ARGUMENT naming the field when it is none or out of its range.
 */
export function requireDuration(field: string, text: string, range: Range): number {
  const seconds = Number(/^(-?\d+(?:\.\d{1,9})?)s$/.exec(text)?.[1] ?? NaN);
  const { minSeconds, maxSeconds } = range;
  if (!(seconds >= minSeconds && seconds <= maxSeconds)) {
    throw badRequest(
      field,
      `${field} must be between ${minSeconds}s and ${maxSeconds}s, not ${text}`,
    );
  }
  return seconds * 1_000;
}
