import type { ImageId } from "./names.ts";
import { registryError } from "./registry-error.ts";

/** What a request to the distribution API says about where it goes. */
export type Destination = {
  /** The name in the path, between `/v2/` and `/manifests/` and the like. */
  readonly path: string;
  /** The Host header. */
  readonly host: string | null;
  /** The location that is meant when neither the path nor the host names one. */
  readonly defaultLocation: string;
};

/** A reference to an image with its parts. */
export type ImageReference = ImageId & {
  readonly tag: string | null;
  readonly digest: string | null;
};

/** Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The specification warns that clients limit names to so many characters; others do not get far. */
const NAME_LENGTH_MAX = 255;

const HOST = /^([a-z]+(?:-[a-z0-9]+)*)-docker\.pkg\.dev(?::\d+)?$/;

const REFERENCE = /^([^/]+\/[^:@]+)(?::([^@]+))?(?:@(.+))?$/;

/**
 * The image that a name in the distribution API stands for. `<project>/<repository>/<image…>` is in
 * the default location, unless the name starts with a host `<location>-docker.pkg.dev` or the
 * request was sent to one.
 * @throws RegistryError NAME_INVALID when the name breaks the grammar or has fewer than three parts.
 */
export function parseDestination({ path, host, defaultLocation }: Destination): ImageId {
  if (!NAME.test(path) || path.length > NAME_LENGTH_MAX) {
    throw registryError("NAME_INVALID", `Invalid name "${path}"`);
  }
  const isPlaced = locationOf(path.split("/", 1)[0] ?? "") !== null;
  const location = locationOf(host ?? "") ?? defaultLocation;
  const id = toImageId(isPlaced ? path : `${location}-docker.pkg.dev/${path}`);
  if (id === null) {
    throw registryError(
      "NAME_INVALID",
      "Missing image name. Pushes should be of the form docker push HOST-NAME/PROJECT-ID/REPOSITORY/IMAGE",
    );
  }
  return id;
}

/** Takes an image reference apart; null when its host is none of Artifact Registry's. */
export function parseReference(reference: string): ImageReference | null {
  const [, path = "", tag, digest] = REFERENCE.exec(reference) ?? [];
  const id = toImageId(path);
  return id === null ? null : { ...id, tag: tag ?? null, digest: digest ?? null };
}

/** Takes `<location>-docker.pkg.dev/<project>/<repository>/<image…>` apart; null for anything else. */
function toImageId(path: string): ImageId | null {
  const [host = "", ...parts] = path.split("/");
  const location = locationOf(host);
  const [project, repository, ...image] = joinProject(parts);
  return location === null ||
    project === undefined ||
    repository === undefined ||
    image.length === 0
    ? null
    : { project, location, repository, image: image.join("/") };
}

/**
 * A project of a domain, `example.com:project`, is written in two parts.
 * Source: https://cloud.google.com/artifact-registry/docs/docker/names#domain
 */
function joinProject(parts: readonly string[]): readonly string[] {
  const [domain = "", project, ...others] = parts;
  return domain.includes(".") && project !== undefined
    ? [`${domain}:${project}`, ...others]
    : parts;
}

function locationOf(host: string): string | null {
  return HOST.exec(host)?.[1] ?? null;
}
