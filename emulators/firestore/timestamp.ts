import { googleError } from "../kit/google-error.ts";

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

const DIGITS = 6;

/**
 * A timestamp in the one form it is stored in: UTC with six digits of a second, more being cut off,
 * as the service does. Texts of this form sort as their times do.
 * Source: https://firebase.google.com/docs/firestore/manage-data/data-types
 * @throws GoogleError INVALID_ARGUMENT when the text is not RFC 3339.
 */
export function canonicalTimestamp(text: string): string {
  const match = RFC_3339.exec(text);
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(time)) {
    throw googleError("INVALID_ARGUMENT", `Invalid timestamp "${text}".`);
  }
  const fraction = (match[2] ?? "").padEnd(DIGITS, "0").slice(0, DIGITS);
  return `${new Date(time).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** Microseconds since the epoch as a timestamp in the stored form. */
export function toTimestampText(micros: number): string {
  const ms = Math.floor(micros / 1000);
  const rest = String(micros - ms * 1000).padStart(3, "0");
  return `${new Date(ms).toISOString().slice(0, -1)}${rest}Z`;
}

/**
 * A timestamp as microseconds since the epoch, exact until the year 2255.
 * @throws GoogleError INVALID_ARGUMENT when the text is not RFC 3339 or finer than a microsecond.
 */
export function toMicros(text: string): number {
  const finer = (RFC_3339.exec(text)?.[2] ?? "").slice(DIGITS);
  if (/[1-9]/.test(finer)) {
    throw googleError("INVALID_ARGUMENT", "timestamp cannot have more than microseconds precision");
  }
  const canonical = canonicalTimestamp(text);
  return Date.parse(`${canonical.slice(0, 19)}Z`) * 1000 + Number(canonical.slice(20, 26));
}
