import { createHash } from "node:crypto";
import { z } from "zod";

import { PermanentError } from "../ports/errors.ts";

/** Where the last page ended: the values by which its list is ordered. */
export type Cursor = readonly (string | number)[];

const After = z.array(z.union([z.string(), z.number()]));

/** Bytes of the seal: enough that no changed token passes by chance. */
const SEAL_BYTES = 12;

/**
 * Makes the token of the page after `after` in a list: the place, and a seal over the list and the place.
 * The seal has no key. Whoever makes up a token of their own reads a list that they may read anyway, from
 * a place of their choice; a token that was changed, cut or given to another list is known.
 */
export function toPageToken(list: string, after: Cursor): string {
  const place = JSON.stringify(after);
  return Buffer.concat([sealOf(list, place), Buffer.from(place)]).toString("base64url");
}

/**
 * Reads a page token of a list whose order has so many values.
 * @throws PermanentError INVALID_ARGUMENT for a token that was not made for that list, or was changed.
 */
export function readPageToken(list: string, token: string, values: number): Cursor {
  const place = Buffer.from(token, "base64url").subarray(SEAL_BYTES).toString("utf8");
  const parsed = After.safeParse(parseJson(place));
  // Made anew and compared, so that nothing is passed over: another spelling, or an added character.
  if (
    !parsed.success ||
    parsed.data.length !== values ||
    toPageToken(list, parsed.data) !== token
  ) {
    throw new PermanentError(
      "INVALID_ARGUMENT",
      `pageToken: this is not a page token of ${list}; leave it out to begin with the first page`,
    );
  }
  return parsed.data;
}

function sealOf(list: string, place: string): Buffer {
  const hash = createHash("sha256").update(JSON.stringify(["slipway page token", list, place]));
  return hash.digest().subarray(0, SEAL_BYTES);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
