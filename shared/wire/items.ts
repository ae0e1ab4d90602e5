import { z } from "zod";

/** Texts that are separated by commas; none where the variable is left out. */
export const list = z.string().default("").transform(toItems);

/** The parts of a text between commas, without the spaces around them. */
export function toItems(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
