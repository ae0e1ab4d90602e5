const RFC3339_UTC = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;
const NANOSECOND_DIGITS = 9;

/**
 * A time in UTC with nine digits after the second, so that text order is time order; null when the text is no such
 * time. Google's APIs write 0, 3, 6 or 9 digits.
 * Source: https://protobuf.dev/reference/protobuf/google.protobuf/#timestamp
 */
export function fixedWidthTime(text: string): string | null {
  const [, seconds, fraction = ""] = RFC3339_UTC.exec(text) ?? [];
  const isTime = seconds !== undefined && !Number.isNaN(Date.parse(`${seconds}Z`));
  return isTime ? `${seconds}.${fraction.padEnd(NANOSECOND_DIGITS, "0")}Z` : null;
}
