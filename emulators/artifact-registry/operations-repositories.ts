import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation, Operations } from "../kit/operation.ts";
import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import type { PageRequest } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { filterByName, PAGE_LIMITS, requireRepository } from "./find.ts";
import { contentsOf, dropContents } from "./images.ts";
import { parseLocationName, parseRepositoryName, repositoryName } from "./names.ts";
import type { RepositoryId } from "./names.ts";
import { deleted, OPERATION_METADATA } from "./operations-packages.ts";
import { toRepositoryResource } from "./resources.ts";
import type { RepositoryResource } from "./resources.ts";
import type { Registry, RepositorySettings } from "./state.ts";

const REPOSITORY_TYPE = "type.googleapis.com/google.devtools.artifactregistry.v1.Repository";

/** Source: https://cloud.google.com/artifact-registry/docs/repositories/create-repos */
const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const LABELS_MAX = 64;
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** The fields of a repository that a caller may change after it was made. */
const UPDATABLE = new Set([
  "description",
  "labels",
  "dockerConfig",
  "cleanupPolicies",
  "cleanupPolicyDryRun",
]);

/** Repositories are asked for by location; the filter knows `name`. */
export type ListRepositoriesRequest = PageRequest & {
  readonly parent?: string;
  readonly filter?: string;
  readonly orderBy?: string;
};

/** The repositories of a location, by name unless `orderBy` says otherwise. */
export function listRepositories(
  registry: Registry,
  request: ListRepositoriesRequest,
): { readonly repositories: readonly RepositoryResource[]; readonly nextPageToken: string } {
  const { project, location } = parseLocationName(request.parent ?? "");
  const repositories = [...registry.repositories.values()]
    .filter(({ id }) => id.project === project && (location === "-" || id.location === location))
    .map(toRepositoryResource)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const found = filterByName(repositories, request.filter);
  const { items, nextPageToken } = paginate(orderBy(found, request.orderBy), request, PAGE_LIMITS);
  return { repositories: items, nextPageToken };
}

/** One repository. @throws GoogleError NOT_FOUND */
export function getRepository(
  registry: Registry,
  request: { readonly name?: string },
): RepositoryResource {
  return toRepositoryResource(requireRepository(registry, parseRepositoryName(request.name ?? "")));
}

/** What CreateRepository takes. */
export type CreateRepositoryRequest = {
  readonly parent?: string;
  readonly repositoryId?: string;
  readonly repository?: Partial<RepositoryResource>;
};

/** Makes a Docker repository. @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS, UNIMPLEMENTED */
export function createRepository(
  registry: Registry,
  operations: Operations,
  request: CreateRepositoryRequest,
): Operation {
  const id = {
    ...parseLocationName(request.parent ?? ""),
    repository: request.repositoryId ?? "",
  };
  const { format = "FORMAT_UNSPECIFIED", mode, ...rest } = request.repository ?? {};
  requireFormat(format, mode);
  if (registry.repositories.has(repositoryName(id))) {
    throw googleError("ALREADY_EXISTS", `Repository "${repositoryName(id)}" already exists`);
  }
  const repository = putRepository(registry, id, toSettings(rest));
  const parent = `projects/${id.project}/locations/${id.location}`;
  const response = { "@type": REPOSITORY_TYPE, ...repository };
  return operations.done({ parent, metadata: OPERATION_METADATA, response });
}

/**
 * Makes or replaces the settings of a repository.
 * @throws GoogleError INVALID_ARGUMENT for a name or labels that the service refuses.
 */
export function putRepository(
  registry: Registry,
  id: RepositoryId,
  settings: RepositorySettings,
): RepositoryResource {
  if (!REPOSITORY_ID.test(id.repository)) {
    throw badRequest("repository_id", `Invalid repository id "${id.repository}"`);
  }
  requireLabels(settings.labels ?? {});
  const name = repositoryName(id);
  const now = registry.nextTime();
  const known = registry.repositories.get(name);
  const fresh = { id, createTime: now, packages: new Map(), blobs: new Map() };
  const repository = { ...(known ?? fresh), settings, updateTime: now };
  registry.repositories.set(name, repository);
  return toRepositoryResource(repository);
}

/** What UpdateRepository takes. */
export type UpdateRepositoryRequest = {
  readonly repository?: Partial<RepositoryResource>;
  readonly updateMask?: string;
};

/** Changes a repository's settings. @throws GoogleError INVALID_ARGUMENT, NOT_FOUND */
export function updateRepository(
  registry: Registry,
  request: UpdateRepositoryRequest,
): RepositoryResource {
  const patch = request.repository ?? {};
  const { id, settings } = requireRepository(registry, parseRepositoryName(patch.name ?? ""));
  const paths = (request.updateMask ?? "").split(",").filter((path) => path !== "" && path !== "*");
  const fixed = paths.find((path) => !UPDATABLE.has(toCamelCase(path.split(".")[0] ?? "")));
  if (fixed !== undefined) {
    throw badRequest("update_mask", `${fixed} cannot be changed`);
  }
  const { kmsKeyName: _fixed, ...changes } = toSettings(patch);
  return putRepository(registry, id, applyFieldMask(settings, changes, request.updateMask));
}

/** Removes a repository with all that is in it, without a notification for each image. */
export function deleteRepository(
  registry: Registry,
  operations: Operations,
  request: { readonly name?: string },
): Operation {
  const repository = requireRepository(registry, parseRepositoryName(request.name ?? ""));
  const { id } = repository;
  registry.repositories.delete(repositoryName(id));
  dropContents(registry, contentsOf(repository));
  return deleted(operations, id);
}

function requireFormat(format: string, mode: string | undefined): void {
  if (format === "FORMAT_UNSPECIFIED") {
    throw badRequest("repository.format", "A repository needs a format");
  }
  if (format !== "DOCKER") {
    throw googleError("UNIMPLEMENTED", `Repositories of format ${format} are not emulated`);
  }
  if (mode === "VIRTUAL_REPOSITORY" || mode === "REMOTE_REPOSITORY") {
    throw googleError("UNIMPLEMENTED", `Repositories of mode ${mode} are not emulated`);
  }
}

function requireLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels);
  const bad = entries.find(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  if (entries.length > LABELS_MAX || bad !== undefined) {
    throw badRequest(
      "repository.labels",
      bad === undefined ? "Too many labels" : `Invalid label "${bad.join("=")}"`,
    );
  }
}

function toSettings(repository: Partial<RepositoryResource>): RepositorySettings {
  const { description, labels, kmsKeyName, dockerConfig, cleanupPolicies, cleanupPolicyDryRun } =
    repository;
  return {
    ...(description === undefined ? {} : { description }),
    ...(labels === undefined ? {} : { labels }),
    ...(kmsKeyName === undefined ? {} : { kmsKeyName }),
    ...(dockerConfig === undefined ? {} : { dockerConfig }),
    ...(cleanupPolicies === undefined ? {} : { cleanupPolicies }),
    ...(cleanupPolicyDryRun === undefined ? {} : { cleanupPolicyDryRun }),
  };
}
