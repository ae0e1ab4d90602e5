import { badRequest } from "../kit/google-error.ts";

/** A google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds. */
export function toMs(duration: string): number {
  return Number(duration.slice(0, -1)) * 1_000;
}

/**
 * Checks a duration against its least and most, in milliseconds and both included.
 * @throws GoogleError INVALID_ARGUMENT naming the field.
 */
export function checkDuration(
  field: string,
  duration: string,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
): void {
  const ms = toMs(duration);
  if (ms < minMs || ms > maxMs) {
    throw badRequest(field, `${field} must be in the interval [${minMs} ms, ${maxMs} ms].`);
  }
}
