import type { Exchange } from "./exchange.ts";
import { registryError } from "./registry-error.ts";

/** How many tags a page has at most. */
const TAGS_PAGE_SIZE_MAX = 1000;

/**
 * GET tags/list?n=&last=: the tags in order, one page of them, with a Link to the next.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
 */
export function listTags({ url, name, id, repository }: Exchange): Response {
  const held = repository.packages.get(id.image);
  if (held === undefined) {
    throw registryError("NAME_UNKNOWN", `There is no image "${name}"`);
  }
  const size = parseSize(url.searchParams.get("n"));
  const last = url.searchParams.get("last") ?? "";
  const rest = [...held.tags.keys()].toSorted().filter((tag) => tag > last);
  const tags = rest.slice(0, size);
  const end = tags.at(-1);
  const headers = new Headers();
  if (end !== undefined && rest.length > tags.length) {
    headers.set("link", `</v2/${name}/tags/list?n=${size}&last=${end}>; rel="next"`);
  }
  return Response.json({ name, tags }, { headers });
}

function parseSize(text: string | null): number {
  if (text === null) {
    return TAGS_PAGE_SIZE_MAX;
  }
  if (!/^\d{1,9}$/.test(text)) {
    throw registryError("PAGINATION_NUMBER_INVALID", `n must be a number of tags, not "${text}"`);
  }
  return Math.min(Number(text), TAGS_PAGE_SIZE_MAX);
}
