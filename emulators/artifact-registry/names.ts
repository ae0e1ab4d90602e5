import { RegistryError } from "./registry-error.ts";

/**
 * Resources of the API by their names, of which the longer begins with the shorter: `projects/P/locations/L/repositories/R`,
 * `…/packages/IMAGE` with the slashes of the image escaped, and below that `…/versions/DIGEST` and `…/tags/TAG`. A blob
 * that may be pulled is `…/packages/IMAGE/blobs/DIGEST`, which the API does not show.
 */
const REPOSITORY_PARTS = 6;
const PACKAGE_PARTS = 8;

/** Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md#digests */
export const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** @throws RegistryError DIGEST_INVALID for what is no digest. */
export function requireDigest(text: string): void {
  if (!DIGEST.test(text)) {
    throw new RegistryError(
      "DIGEST_INVALID",
      `"${text}" is not a digest sha256:<64 hex digits> or sha512:<128>`,
    );
  }
}

/** A tag. Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
export const TAG = /^\w[\w.-]{0,127}$/;

/** The repository that something is in. */
export function repositoryOf(name: string): string {
  return name.split("/", REPOSITORY_PARTS).join("/");
}

/** The package that a version, a tag or a blob is of. */
export function packageOf(name: string): string {
  return name.split("/", PACKAGE_PARTS).join("/");
}

/** The image's name, with its slashes, of whatever is in a package; empty for a repository. */
export function imageIn(name: string): string {
  return decodeURIComponent(name.split("/", PACKAGE_PARTS)[PACKAGE_PARTS - 1] ?? "");
}

/**
 * `us-central1-docker.pkg.dev/project/repository`, and `/image` of whatever is in a package. Of a project of a domain,
 * `example.com:project`, the colon becomes a slash.
 * Source: https://cloud.google.com/artifact-registry/docs/docker/names#domain
 */
export function uriOf(name: string): string {
  const [, project = "", , location = "", , repository = ""] = name.split("/");
  const image = imageIn(name);
  const path = `${project.replace(":", "/")}/${repository}`;
  return `${location}-docker.pkg.dev/${path}${image === "" ? "" : `/${image}`}`;
}

/** A version as the API's DockerImage is named: `…/dockerImages/IMAGE@sha256:…`. */
export function dockerImageName(version: string): string {
  return version.replace("/packages/", "/dockerImages/").replace("/versions/", "@");
}

/** The version that such a name stands for. */
export function versionOf(dockerImage: string): string {
  return dockerImage.replace("/dockerImages/", "/packages/").replace("@", "/versions/");
}

const HOST = /^([a-z]+(?:-[a-z0-9]+)*)-docker\.pkg\.dev(?::\d+)?$/;

/** The location that a registry's host names; null for another host. */
function locationOf(host: string): string | null {
  return HOST.exec(host)?.[1] ?? null;
}

/** The package that `<location>-docker.pkg.dev/<project>/<repository>/<image…>` names; null for anything else. */
export function packageAt(path: string): string | null {
  const ofDomain = path.replace(/^([^/]+\/[^/]+\.[^/]+)\//, "$1:");
  const [host = "", project = "", repository = "", ...image] = ofDomain.split("/");
  const location = locationOf(host);
  return location === null || image.length === 0
    ? null
    : `projects/${project}/locations/${location}/repositories/${repository}/packages/${encodeURIComponent(image.join("/"))}`;
}

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The specification warns that clients limit names to so many characters; others do not get far. */
const NAME_LENGTH_MAX = 255;

/**
 * The package that a name in the distribution API stands for. `<project>/<repository>/<image…>` is in
 * the default location, unless the name starts with a host `<location>-docker.pkg.dev` or the
 * request was sent to one.
 * @throws RegistryError NAME_INVALID when the name breaks the grammar or has fewer than three parts.
 */
export function packageFor(
  name: string,
  { host, defaultLocation }: { readonly host: string | null; readonly defaultLocation: string },
): string {
  if (!NAME.test(name) || name.length > NAME_LENGTH_MAX) {
    throw new RegistryError("NAME_INVALID", `Invalid name "${name}"`);
  }
  const isPlaced = locationOf(name.split("/", 1)[0] ?? "") !== null;
  const location = locationOf(host ?? "") ?? defaultLocation;
  const found = packageAt(isPlaced ? name : `${location}-docker.pkg.dev/${name}`);
  if (found === null) {
    throw new RegistryError(
      "NAME_INVALID",
      "Missing image name. Pushes should be of the form docker push HOST-NAME/PROJECT-ID/REPOSITORY/IMAGE",
    );
  }
  return found;
}
