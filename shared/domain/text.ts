/** What stands at the end of a text that was shortened. */
const MARK = "…";

/**
 * A well-formed text of at most `lengthMax` UTF-16 code units. A longer text is cut and marked; no surrogate pair is
 * cut apart, and half a pair in the text becomes U+FFFD.
 */
export function shorten(text: string, lengthMax: number): string {
  const isLong = text.length > lengthMax;
  // Only what is kept is read: a text from outside may be of any length.
  const kept = isLong ? text.slice(0, lengthMax - MARK.length) : text;
  const whole =
    isLong && isHighSurrogate(kept.charCodeAt(kept.length - 1)) ? kept.slice(0, -1) : kept;
  return isLong ? `${whole.toWellFormed()}${MARK}` : whole.toWellFormed();
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd8_00 && unit <= 0xdb_ff;
}

/** The first names, and how many more there are. */
export function nameSome(names: readonly string[], countMax: number, separator = ", "): string {
  const more = names.length - countMax;
  const named = names.slice(0, countMax).join(separator);
  return more > 0 ? `${named} and ${more} more` : named;
}
