import { z } from "zod";
import { shorten } from "../domain/text.ts";

/** The longest name that anything of Google's has, with room. */
export const NAME_LENGTH_MAX = 1024;

/**
 * A text from outside: well-formed, half a surrogate pair having become U+FFFD, and of so many characters at most. A
 * longer one is refused: what names something must not be cut.
 */
export function boundedText(lengthMax: number = NAME_LENGTH_MAX): z.ZodString {
  return z
    .string()
    .max(lengthMax)
    .overwrite((text) => text.toWellFormed());
}

/** A text from outside that is only told: well-formed, and cut where it is longer. */
export function shortText(lengthMax: number): z.ZodString {
  return z.string().overwrite((text) => shorten(text, lengthMax));
}

/** How many characters a reason may have. */
export const REASON_LENGTH_MAX = 1000;
