import { parseFilter } from "../kit/filter.ts";
import { googleError } from "../kit/google-error.ts";
import type { GoogleError } from "../kit/google-error.ts";
import { findImage } from "./images.ts";
import type { HeldImage, Refusal } from "./images.ts";
import { packageName, repositoryName, versionName } from "./names.ts";
import type { ImageId, RepositoryId } from "./names.ts";
import type { Registry, Repository, Version } from "./state.ts";

/** How many items a page of any list of the API has. */
export const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

const FILTER_OPERATORS = new Set(["AND", "OR", "NOT"]);

/**
 * Keeps what a filter lets through. The names and versions that it compares are compared without
 * case, as the API's reference says.
 * Source: https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories.packages.tags/list
 * @throws GoogleError INVALID_ARGUMENT when the filter is malformed.
 */
export function filterByName<T extends { readonly name: string; readonly version?: string }>(
  items: readonly T[],
  filter: string | undefined,
): readonly T[] {
  const words = (filter ?? "").replaceAll(/"[^"]*"|[^\s()]+/g, (word) =>
    FILTER_OPERATORS.has(word) ? word : word.toLowerCase(),
  );
  const isMeant = parseFilter(words);
  return items.filter((item) =>
    isMeant({
      ...item,
      name: item.name.toLowerCase(),
      ...(item.version === undefined ? {} : { version: item.version.toLowerCase() }),
    }),
  );
}

/** @throws GoogleError NOT_FOUND */
export function requireRepository(registry: Registry, id: RepositoryId): Repository {
  const repository = registry.repositories.get(repositoryName(id));
  if (repository === undefined) {
    throw notFound("Repository", repositoryName(id));
  }
  return repository;
}

/** @throws GoogleError NOT_FOUND when the repository or the image in it is not there. */
export function requireImage(registry: Registry, id: ImageId): HeldImage {
  requireRepository(registry, id);
  const image = findImage(registry, id);
  if (image === null) {
    throw notFound("Package", packageName(id));
  }
  return image;
}

/** @throws GoogleError NOT_FOUND */
export function requireVersion(image: HeldImage, digest: string): Version {
  const version = image.held.versions.get(digest);
  if (version === undefined) {
    throw notFound("Version", versionName(image.id, digest));
  }
  return version;
}

/** Says that a resource is not there. */
export function notFound(kind: string, name: string): GoogleError {
  return googleError("NOT_FOUND", `${kind} "${name}" not found`);
}

/** Throws a refusal in the words of the API. @throws GoogleError FAILED_PRECONDITION */
export function throwRefusal(refusal: Refusal | null): void {
  if (refusal !== null) {
    throw googleError("FAILED_PRECONDITION", describe(refusal));
  }
}

function describe(refusal: Refusal): string {
  switch (refusal.kind) {
    case "immutable-tag":
      return `cannot ${refusal.verb} tag ${refusal.tag}. The repository has enabled tag immutability`;
    case "tagged":
      return `The version is tagged: ${refusal.tags.join(", ")}. Use force to delete it with its tags`;
    case "has-parent":
      return `The version is still referenced by ${refusal.parent}`;
  }
}
