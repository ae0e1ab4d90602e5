import { applyFieldMask } from "../kit/field-mask.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Message } from "../kit/call.ts";
import { contentsOf, dropContents } from "./images.ts";
import { parseName, registryUri, repositoryName } from "./names.ts";
import type { RepositoryId } from "./names.ts";
import {
  type Registry,
  type Repository,
  type RepositorySettings,
  toMicrosecondTimestamp,
} from "./state.ts";

/** A Repository as callers send it. */
export type RepositoryInput = RepositorySettings & {
  readonly name?: string;
  readonly format?: string;
  readonly mode?: string;
};

/** Source: https://cloud.google.com/artifact-registry/docs/repositories/create-repos */
const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

const LABELS_MAX = 64;
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u;

/** The fields that a caller may change, and those that say nothing new. */
const UPDATABLE: ReadonlySet<string> = new Set(["description", "labels"]);
const GIVEN: ReadonlySet<string> = new Set([
  "name",
  "format",
  "mode",
  "createTime",
  "updateTime",
  "sizeBytes",
  "registryUri",
]);

/** The repository of a name. @throws GoogleError NOT_FOUND, INVALID_ARGUMENT */
export function requireRepository(registry: Registry, name: string | undefined): Repository {
  const full = repositoryName(parseName("repository", name));
  const repository = registry.repositories.get(full);
  if (repository === undefined) {
    throw googleError("NOT_FOUND", `Repository "${full}" not found`);
  }
  return repository;
}

/** Makes a Docker repository. @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS, UNIMPLEMENTED */
export function createRepository(
  registry: Registry,
  id: RepositoryId,
  { format = "FORMAT_UNSPECIFIED", mode = "STANDARD_REPOSITORY", ...rest }: RepositoryInput,
): Message {
  if (format === "FORMAT_UNSPECIFIED") {
    throw badRequest("repository.format", "A repository needs a format");
  }
  if (format !== "DOCKER" || /^(?:VIRTUAL|REMOTE)_/.test(mode)) {
    throw googleError("UNIMPLEMENTED", `Repositories ${format} ${mode} are not emulated`);
  }
  if (registry.repositories.has(repositoryName(id))) {
    throw googleError("ALREADY_EXISTS", `Repository "${repositoryName(id)}" already exists`);
  }
  return putRepository(registry, id, toSettings(rest));
}

/**
 * Makes or replaces the settings of a repository.
 * @throws GoogleError INVALID_ARGUMENT for a name or labels that the service refuses.
 */
export function putRepository(
  registry: Registry,
  { project, location, repository }: RepositoryId,
  settings: RepositorySettings,
): Message {
  const id = { project, location, repository };
  if (!REPOSITORY_ID.test(repository)) {
    throw badRequest("repository_id", `Invalid repository id "${repository}"`);
  }
  const labels = Object.entries(settings.labels ?? {});
  const bad = labels.find(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value));
  if (bad !== undefined || labels.length > LABELS_MAX) {
    const problem = bad === undefined ? "Too many labels" : `Invalid label "${bad.join("=")}"`;
    throw badRequest("repository.labels", problem);
  }
  const name = repositoryName(id);
  const now = registry.nextTime();
  const known = registry.repositories.get(name);
  const fresh = { id, createTime: now, packages: new Map(), blobs: new Map() };
  const changed = { ...(known ?? fresh), settings, updateTime: now };
  registry.repositories.set(name, changed);
  return toRepositoryResource(changed);
}

/** Changes a repository's settings. @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED */
export function updateRepository(
  registry: Registry,
  patch: RepositoryInput,
  updateMask = "",
): Message {
  const { id, settings } = requireRepository(registry, patch.name);
  const changed = toSettings(patch);
  const paths = updateMask.split(",").filter((path) => path !== "" && path !== "*");
  const fixed = paths.find((path) => !UPDATABLE.has(toCamelCase(path.split(".")[0] ?? "")));
  if (fixed !== undefined) {
    throw badRequest("update_mask", `${fixed} cannot be changed`);
  }
  return putRepository(registry, id, applyFieldMask(settings, changed, updateMask));
}

/** Removes a repository with all that is in it, without a notification for each image. */
export function deleteRepository(registry: Registry, repository: Repository): void {
  registry.repositories.delete(repositoryName(repository.id));
  dropContents(registry, contentsOf(repository));
}

/** A repository as the API's Repository. */
export function toRepositoryResource(repository: Repository): Message & { readonly name: string } {
  const { id, settings, createTime, updateTime } = repository;
  return {
    name: repositoryName(id),
    format: "DOCKER",
    mode: "STANDARD_REPOSITORY",
    ...settings,
    createTime: toMicrosecondTimestamp(createTime),
    updateTime: toMicrosecondTimestamp(updateTime),
    sizeBytes: String(storedBytes(repository)),
    registryUri: registryUri(id),
  };
}

/** What has an effect elsewhere is not taken and forgotten. @throws GoogleError UNIMPLEMENTED */
function toSettings(input: RepositoryInput): RepositorySettings {
  const other = Object.keys(input).find((field) => !UPDATABLE.has(field) && !GIVEN.has(field));
  if (other !== undefined) {
    throw googleError("UNIMPLEMENTED", `This emulator does not cover Repository.${other}`);
  }
  const { description, labels } = input;
  return { ...(description !== undefined && { description }), ...(labels && { labels }) };
}

/** Every blob and manifest of a repository counts once, whatever number of images share it. */
function storedBytes({ packages, blobs }: Repository): number {
  const sizes = new Map<string, number>();
  for (const links of blobs.values()) {
    links.forEach((size, digest) => sizes.set(digest, size));
  }
  for (const { versions } of packages.values()) {
    versions.forEach(({ digest, manifestBytes }) => sizes.set(digest, manifestBytes));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
