import { z } from "zod";

import { PermanentError } from "../ports/errors.ts";

/** Where the last page ended: the values by which its list is ordered. */
export type Cursor = readonly (string | number)[];

const Token = z.object({ list: z.string(), after: z.array(z.union([z.string(), z.number()])) });

/** Makes the token of the page after `after` in a list. */
export function toPageToken(list: string, after: Cursor): string {
  return Buffer.from(JSON.stringify({ list, after })).toString("base64url");
}

/**
 * Reads a page token of a list whose order has so many values.
 * @throws PermanentError INVALID_ARGUMENT for a token that was not made for that list.
 */
export function readPageToken(list: string, token: string, values: number): Cursor {
  const parsed = Token.safeParse(parseJson(Buffer.from(token, "base64url").toString("utf8")));
  if (!parsed.success || parsed.data.list !== list || parsed.data.after.length !== values) {
    throw new PermanentError("INVALID_ARGUMENT", `this is no page token of ${list}`);
  }
  return parsed.data.after;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
