import { badRequest } from "../kit/google-error.ts";

/** Which Artifact Registry repository is meant. */
export type RepositoryId = {
  readonly project: string;
  readonly location: string;
  readonly repository: string;
};

/** Which image of a repository is meant; its name may hold slashes. The API calls it a package. */
export type ImageId = RepositoryId & { readonly image: string };

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests */
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

const LOCATION = "projects/(?<project>[^/]+)/locations/(?<location>[^/]+)";
const REPOSITORY = `${LOCATION}/repositories/(?<repository>[^/]+)`;
const PACKAGE = `${REPOSITORY}/packages/(?<image>.+)`;

const KINDS = {
  location: LOCATION,
  repository: REPOSITORY,
  package: PACKAGE,
  version: `${PACKAGE}/versions/(?<reference>[^/]+)`,
  tag: `${PACKAGE}/tags/(?<reference>[^/]+)`,
  dockerImage: `${REPOSITORY}/dockerImages/(?<image>.+)(?:@|%40)(?<reference>sha(?:256|512)(?::|%3A).+)`,
};

/**
 * Takes the name of a resource apart; parts that its kind does not have are empty. The reference is a digest or a tag.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function parseName(
  kind: keyof typeof KINDS,
  name = "",
): ImageId & { readonly reference: string } {
  const parts = new RegExp(`^${KINDS[kind]}$`).exec(name)?.groups;
  if (parts === undefined) {
    throw badRequest("name", `Invalid resource name "${name}"`);
  }
  const { project = "", location = "", repository = "", image = "", reference = "" } = parts;
  const id = { project, location, repository };
  return { ...id, image: unescape(image), reference: unescape(reference) };
}

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badRequest("name", `"${text}" is not URL-escaped correctly`);
  }
}
