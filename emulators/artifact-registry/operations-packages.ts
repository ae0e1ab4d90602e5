import type { Operation, Operations } from "../kit/operation.ts";
import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import type { PageRequest } from "../kit/page.ts";
import {
  filterByName,
  PAGE_LIMITS,
  requireImage,
  requireRepository,
  throwRefusal,
} from "./find.ts";
import { removePackage } from "./images.ts";
import { parsePackageName, parseRepositoryName } from "./names.ts";
import type { RepositoryId } from "./names.ts";
import { toPackageResource } from "./resources.ts";
import type { PackageResource } from "./resources.ts";
import type { Registry } from "./state.ts";

/** What operations of this API carry as metadata: it has no fields. */
export const OPERATION_METADATA = {
  "@type": "type.googleapis.com/google.devtools.artifactregistry.v1.OperationMetadata",
};

/** The images of a repository are asked for by repository; the filter knows `name`. */
export type ListPackagesRequest = PageRequest & {
  readonly parent?: string;
  readonly filter?: string;
  readonly orderBy?: string;
};

/** The images of a repository, by name unless `orderBy` says otherwise. */
export function listPackages(
  registry: Registry,
  request: ListPackagesRequest,
): { readonly packages: readonly PackageResource[]; readonly nextPageToken: string } {
  const repository = requireRepository(registry, parseRepositoryName(request.parent ?? ""));
  const packages = [...repository.packages]
    .map(([image, held]) => toPackageResource({ ...repository.id, image }, held))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const found = filterByName(packages, request.filter);
  const { items, nextPageToken } = paginate(orderBy(found, request.orderBy), request, PAGE_LIMITS);
  return { packages: items, nextPageToken };
}

/** One image. @throws GoogleError NOT_FOUND */
export function getPackage(
  registry: Registry,
  request: { readonly name?: string },
): PackageResource {
  const { id, held } = requireImage(registry, parsePackageName(request.name ?? ""));
  return toPackageResource(id, held);
}

/** Removes an image with its versions and tags. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function deletePackage(
  registry: Registry,
  operations: Operations,
  request: { readonly name?: string },
): Operation {
  const image = requireImage(registry, parsePackageName(request.name ?? ""));
  throwRefusal(removePackage(image));
  return deleted(operations, image.id);
}

/** A finished operation that removed something. */
export function deleted(
  operations: Operations,
  { project, location }: Omit<RepositoryId, "repository">,
  metadata: Readonly<Record<string, unknown>> = OPERATION_METADATA,
): Operation {
  const parent = `projects/${project}/locations/${location}`;
  const response = { "@type": "type.googleapis.com/google.protobuf.Empty" };
  return operations.done({ parent, metadata, response });
}
