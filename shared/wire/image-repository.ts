/** An image's place in Artifact Registry. */
export type ImageRepository = {
  readonly project: string;
  readonly location: string;
  readonly repository: string;
  /** May contain slashes. */
  readonly image: string;
};

/**
 * A project of a domain, `example.com:project`, takes two segments: only its first has a dot.
 * Source: https://cloud.google.com/artifact-registry/docs/docker/names#domain
 */
const PROJECT = "([^/.]+|[^/]+\\.[^/]+/[^/]+)";
const ARTIFACT_REGISTRY = new RegExp(`^([a-z0-9-]+)-docker\\.pkg\\.dev/${PROJECT}/([^/]+)/(.+)$`);
const CONTAINER_REGISTRY = new RegExp(`^((?:us\\.|eu\\.|asia\\.)?gcr\\.io)/${PROJECT}/(.+)$`);

/** The multi-region that each gcr.io host stands for; its repository is named after the host. */
const LOCATION_BY_HOST: ReadonlyMap<string, string> = new Map([
  ["gcr.io", "us"],
  ["us.gcr.io", "us"],
  ["eu.gcr.io", "europe"],
  ["asia.gcr.io", "asia"],
]);

/**
 * Reads `LOCATION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE` or `gcr.io/PROJECT/IMAGE`, without tag or digest.
 * Null when the text is neither.
 * Source: https://cloud.google.com/artifact-registry/docs/docker/names
 */
export function readImageRepository(text: string): ImageRepository | null {
  return parseArtifactRegistry(text) ?? parseContainerRegistry(text);
}

function parseArtifactRegistry(text: string): ImageRepository | null {
  const [, location, project, repository, image] = ARTIFACT_REGISTRY.exec(text) ?? [];
  return location === undefined ||
    project === undefined ||
    repository === undefined ||
    image === undefined
    ? null
    : { project: toProject(project), location, repository, image };
}

function toProject(segments: string): string {
  return segments.replace("/", ":");
}

function parseContainerRegistry(text: string): ImageRepository | null {
  const [, host, project, image] = CONTAINER_REGISTRY.exec(text) ?? [];
  const location = LOCATION_BY_HOST.get(host ?? "");
  return host === undefined ||
    project === undefined ||
    image === undefined ||
    location === undefined
    ? null
    : { project: toProject(project), location, repository: host, image };
}
