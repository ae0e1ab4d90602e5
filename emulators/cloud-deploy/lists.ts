import { parseFilter } from "../kit/filter.ts";
import { badRequest } from "../kit/google-error.ts";
import { orderBy } from "../kit/values.ts";
import { paginate } from "../kit/page.ts";
import type { Resource } from "./configuration.ts";
import { canonicalName, parentOf } from "./names.ts";
import { find, type World } from "./world.ts";

/** The request of every list call. */
export type ListRequest = {
  readonly parent?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
  readonly filter?: string;
  readonly orderBy?: string;
};

/** What is listed. */
export type Listing<T extends Resource> = {
  readonly collection: ReadonlyMap<string, T>;
  /** The collection's name in resource names and in the response. */
  readonly segment: string;
  /** What the items are in, when that must exist: a pipeline's releases have a pipeline. */
  readonly parents?: ReadonlyMap<string, Resource>;
  /** The item as it is returned. */
  readonly view: (item: T) => T;
};

/** Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.targets/list */
const PAGE_LIMITS = { defaultSize: 50, maxSize: 1000 };

/**
 * One page of a collection, in the order of creation unless another is asked for. In the parent `-`
 * stands for any id, as in `…/deliveryPipelines/p/releases/-`.
 * @throws GoogleError INVALID_ARGUMENT; NOT_FOUND when the parent does not exist.
 */
export function list<T extends Resource>(
  world: World,
  listing: Listing<T>,
  request: ListRequest,
): object {
  const parent = canonicalName(world.state.projects, request.parent);
  const isWild = parent.split("/").includes("-");
  if (listing.parents !== undefined && !isWild) {
    find(listing.parents, parent);
  }
  const wanted = parent.split("/");
  const isMeant = parseFilter(request.filter ?? "");
  const items = [...listing.collection.values()]
    .filter(({ name }) => isIn(parentOf(name).split("/"), wanted))
    .map((item) => listing.view(item))
    .filter(isMeant);
  const page = paginate(orderBy(items, request.orderBy), request, PAGE_LIMITS);
  return { [listing.segment]: page.items, nextPageToken: page.nextPageToken, unreachable: [] };
}

function isIn(parts: readonly string[], wanted: readonly string[]): boolean {
  return (
    parts.length === wanted.length && wanted.every((part, at) => part === "-" || part === parts[at])
  );
}

/** One resource by its name. @throws GoogleError INVALID_ARGUMENT, NOT_FOUND */
export function get<T extends Resource>(
  world: World,
  listing: Listing<T>,
  request: { readonly name?: string },
): T {
  const name = canonicalName(world.state.projects, request.name);
  if (name.includes("/-")) {
    throw badRequest("name", `A name must not have wildcards: "${name}"`);
  }
  return listing.view(find(listing.collection, name));
}
