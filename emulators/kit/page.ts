import { badRequest } from "./google-error.ts";

/** The two fields of a list request that say which page is meant. */
export type PageRequest = {
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
};

/** How many items a page has when the caller does not say, and at most. */
export type PageLimits = { readonly defaultSize: number; readonly maxSize: number };

/** One page; an empty token means that it is the last. */
export type Page<T> = { readonly items: readonly T[]; readonly nextPageToken: string };

const TOKEN_PREFIX = "offset:";

/**
 * Cuts one page out of a list. A size of 0 means the default, one above the limit is lowered to it.
 * Source: https://google.aip.dev/158
 * @throws GoogleError INVALID_ARGUMENT for a negative size and for a token that no page gave out.
 */
export function paginate<T>(
  items: readonly T[],
  request: PageRequest,
  limits: PageLimits,
): Page<T> {
  const asked = request.pageSize ?? 0;
  if (asked < 0 || !Number.isInteger(asked)) {
    throw badRequest("page_size", `page_size must not be negative, but is ${asked}`);
  }
  const size = Math.min(asked === 0 ? limits.defaultSize : asked, limits.maxSize);
  const start = toOffset(request.pageToken ?? "");
  const end = start + size;
  return {
    items: items.slice(start, end),
    nextPageToken: end < items.length ? toToken(end) : "",
  };
}

function toToken(offset: number): string {
  return Buffer.from(`${TOKEN_PREFIX}${offset}`).toString("base64url");
}

function toOffset(token: string): number {
  if (token === "") {
    return 0;
  }
  const text = Buffer.from(token, "base64url").toString();
  const offset = Number(text.slice(TOKEN_PREFIX.length));
  const isOffset = text.startsWith(TOKEN_PREFIX) && Number.isSafeInteger(offset) && offset > 0;
  if (!isOffset || toToken(offset) !== token) {
    throw badRequest("page_token", "page_token is not valid");
  }
  return offset;
}
