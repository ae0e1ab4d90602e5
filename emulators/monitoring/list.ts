import { parseFilter } from "../kit/filter.ts";
import { orderBy } from "../kit/order-by.ts";
import { type Page, type PageRequest, paginate } from "../kit/page.ts";

/** The request of a list call of version 3. */
export type ListRequest = PageRequest & {
  readonly name?: string;
  readonly filter?: string;
  readonly orderBy?: string;
};

const PAGE_LIMITS = { defaultSize: 1_000, maxSize: 1_000 };

/**
 * One page of a list, filtered and sorted; a minus before a field sorts downwards.
 * Source: https://cloud.google.com/monitoring/api/v3/sorting-and-filtering
 * @throws GoogleError INVALID_ARGUMENT
 */
export function listPage<T extends object>(
  items: readonly T[],
  request: ListRequest,
): Page<T> & { readonly totalSize: number } {
  const found = items.filter(parseFilter(request.filter ?? ""));
  const order = (request.orderBy ?? "")
    .split(",")
    .map((field) => field.trim().replace(/^-(.*)$/, "$1 desc"))
    .join(",");
  const page = paginate(orderBy(found, order), request, PAGE_LIMITS);
  return { ...page, totalSize: found.length };
}
