import { badRequest } from "../kit/google-error.ts";
import type { Operation, Operations } from "../kit/operation.ts";
import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import type { PageRequest } from "../kit/page.ts";
import { filterByName, PAGE_LIMITS, requireImage, requireVersion, throwRefusal } from "./find.ts";
import { removeVersion } from "./images.ts";
import { parsePackageName, parseVersionName, versionName } from "./names.ts";
import { deleted } from "./operations-packages.ts";
import { toVersionResource } from "./resources.ts";
import type { VersionResource } from "./resources.ts";
import type { Registry } from "./state.ts";

/** The versions of an image are asked for by package; the filter knows `name`. */
export type ListVersionsRequest = PageRequest & {
  readonly parent?: string;
  readonly view?: string;
  readonly orderBy?: string;
  readonly filter?: string;
};

/** The manifests of one image, by name unless `orderBy` says otherwise. */
export function listVersions(
  registry: Registry,
  request: ListVersionsRequest,
): { readonly versions: readonly VersionResource[]; readonly nextPageToken: string } {
  const { id, held } = requireImage(registry, parsePackageName(request.parent ?? ""));
  const versions = [...held.versions.values()]
    .toSorted((left, right) => (left.digest < right.digest ? -1 : 1))
    .map((version) => toVersionResource({ id, held, version }, request.view));
  const found = filterByName(versions, request.filter);
  const { items, nextPageToken } = paginate(orderBy(found, request.orderBy), request, PAGE_LIMITS);
  return { versions: items, nextPageToken };
}

/** One manifest of an image. @throws GoogleError NOT_FOUND */
export function getVersion(
  registry: Registry,
  request: { readonly name?: string; readonly view?: string },
): VersionResource {
  const { digest, ...id } = parseVersionName(request.name ?? "");
  const image = requireImage(registry, id);
  return toVersionResource({ ...image, version: requireVersion(image, digest) }, request.view);
}

/** Removes a manifest; a tagged one only by force. @throws GoogleError FAILED_PRECONDITION, NOT_FOUND */
export function deleteVersion(
  registry: Registry,
  operations: Operations,
  request: { readonly name?: string; readonly force?: boolean },
): Operation {
  const { digest, ...id } = parseVersionName(request.name ?? "");
  const image = requireImage(registry, id);
  requireVersion(image, digest);
  throwRefusal(removeVersion(image, { digest, force: request.force === true }));
  return deleted(operations, id);
}

/** What BatchDeleteVersions takes: versions of one package. */
export type BatchDeleteVersionsRequest = {
  readonly parent?: string;
  readonly names?: readonly string[];
  readonly validateOnly?: boolean;
};

/** Removes manifests of one image; those that cannot be removed are named in the metadata. */
export function batchDeleteVersions(
  registry: Registry,
  operations: Operations,
  request: BatchDeleteVersionsRequest,
): Operation {
  const id = parsePackageName(request.parent ?? "");
  const names = request.names ?? [];
  if (names.length === 0) {
    throw badRequest("names", "names must not be empty");
  }
  const image = requireImage(registry, id);
  const digests = names.map((name) => {
    const { digest, ...of } = parseVersionName(name);
    if (versionName(of, digest) !== versionName(id, digest)) {
      throw badRequest("names", `"${name}" is not under ${request.parent ?? ""}`);
    }
    requireVersion(image, digest);
    return digest;
  });
  const failed =
    request.validateOnly === true
      ? []
      : digests.filter((digest) => removeVersion(image, { digest, force: false }) !== null);
  return deleted(operations, id, {
    "@type": "type.googleapis.com/google.devtools.artifactregistry.v1.BatchDeleteVersionsMetadata",
    failedVersions: failed.map((digest) => versionName(id, digest)),
  });
}
