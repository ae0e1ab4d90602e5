import { badRequest } from "../kit/google-error.ts";

/** Which Artifact Registry repository is meant. */
export type RepositoryId = {
  readonly project: string;
  readonly location: string;
  readonly repository: string;
};

/** Which image of a repository is meant; its name may hold slashes. The API calls it a package. */
export type ImageId = RepositoryId & { readonly image: string };

/**
 * A digest as this registry takes it: SHA-256 only.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests
 */
export const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** A tag. Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export const TAG = /^\w[\w.-]{0,127}$/;

/**
 * `us-central1-docker.pkg.dev/project/repository`; of a project of a domain, `example.com:project`, the colon
 * becomes a slash.
 * Source: https://cloud.google.com/artifact-registry/docs/docker/names#domain
 */
export function registryUri(id: RepositoryId): string {
  return `${id.location}-docker.pkg.dev/${id.project.replace(":", "/")}/${id.repository}`;
}

/** `us-central1-docker.pkg.dev/project/repository/image` */
export function imageUri(id: ImageId): string {
  return `${registryUri(id)}/${id.image}`;
}

/** `projects/P/locations/L/repositories/R` */
export function repositoryName(id: RepositoryId): string {
  return `projects/${id.project}/locations/${id.location}/repositories/${id.repository}`;
}

/** `…/packages/IMAGE`, with the slashes of the image escaped. */
export function packageName(id: ImageId): string {
  return `${repositoryName(id)}/packages/${encodeURIComponent(id.image)}`;
}

/** `…/packages/IMAGE/versions/sha256:…` */
export function versionName(id: ImageId, digest: string): string {
  return `${packageName(id)}/versions/${digest}`;
}

/** `…/packages/IMAGE/tags/TAG` */
export function tagName(id: ImageId, tag: string): string {
  return `${packageName(id)}/tags/${tag}`;
}

/** `…/dockerImages/IMAGE@sha256:…`, with the slashes of the image escaped. */
export function dockerImageName(id: ImageId, digest: string): string {
  return `${repositoryName(id)}/dockerImages/${encodeURIComponent(id.image)}@${digest}`;
}

/** Takes `projects/P/locations/L` apart. @throws GoogleError INVALID_ARGUMENT */
export function parseLocationName(name: string): Omit<RepositoryId, "repository"> {
  const [, project = "", location = ""] = matchName(
    name,
    /^projects\/([^/]+)\/locations\/([^/]+)$/,
  );
  return { project, location };
}

/** Takes `…/repositories/R` apart. @throws GoogleError INVALID_ARGUMENT */
export function parseRepositoryName(name: string): RepositoryId {
  return parseInRepository(name, "").id;
}

/** Takes `…/packages/IMAGE` apart. @throws GoogleError INVALID_ARGUMENT */
export function parsePackageName(name: string): ImageId {
  const { id, rest } = parseInRepository(name, "/packages/(.+)");
  return { ...id, image: unescape(rest[0] ?? "") };
}

/** Takes `…/packages/IMAGE/versions/sha256:…` apart. @throws GoogleError INVALID_ARGUMENT */
export function parseVersionName(name: string): ImageId & { readonly digest: string } {
  const { id, rest } = parseInRepository(name, "/packages/(.+)/versions/([^/]+)");
  return { ...id, image: unescape(rest[0] ?? ""), digest: unescape(rest[1] ?? "") };
}

/** Takes `…/packages/IMAGE/tags/TAG` apart. @throws GoogleError INVALID_ARGUMENT */
export function parseTagName(name: string): ImageId & { readonly tag: string } {
  const { id, rest } = parseInRepository(name, "/packages/(.+)/tags/([^/]+)");
  return { ...id, image: unescape(rest[0] ?? ""), tag: unescape(rest[1] ?? "") };
}

/** Takes `…/dockerImages/IMAGE@sha256:…` apart. @throws GoogleError INVALID_ARGUMENT */
export function parseDockerImageName(name: string): ImageId & { readonly digest: string } {
  const { id, rest } = parseInRepository(
    name,
    "/dockerImages/(.+)(?:@|%40)(sha(?:256|512)(?::|%3A).+)",
  );
  return { ...id, image: unescape(rest[0] ?? ""), digest: unescape(rest[1] ?? "") };
}

type InRepository = { readonly id: RepositoryId; readonly rest: readonly string[] };

function parseInRepository(name: string, rest: string): InRepository {
  const pattern = `^projects/([^/]+)/locations/([^/]+)/repositories/([^/]+)${rest}$`;
  const [, project = "", location = "", repository = "", ...others] = matchName(
    name,
    new RegExp(pattern),
  );
  return { id: { project, location, repository }, rest: others };
}

function matchName(name: string, pattern: RegExp): readonly string[] {
  const found = pattern.exec(name);
  if (found === null) {
    throw badRequest("name", `Invalid resource name "${name}"`);
  }
  return found;
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest("name", `"${text}" is not URL-escaped correctly`);
  }
}
