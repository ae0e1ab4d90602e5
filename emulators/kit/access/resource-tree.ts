/** What is known of where resources are. */
export type Places = {
  /** The id of the project with that id or number. */
  readonly projectId: (idOrNumber: string) => string;
  /** What a resource is in, where its name does not say; null for one that is not known. */
  readonly parentOf: (resource: string) => string | null;
};

/**
 * A resource's full name with its project's id in it, so that one thing has one name: projects may be named
 * by number, and a service account without its project.
 */
export function canonical(resource: string, places: Places): string {
  const account = /^projects\/[^/]+\/serviceAccounts\/([^/]+@([^/]+)\.iam\.gserviceaccount\.com)$/;
  const [, address, home] = account.exec(resource) ?? [];
  if (address !== undefined && home !== undefined) {
    return `projects/${home}/serviceAccounts/${address}`;
  }
  return resource.replace(
    /^projects\/([^/]+)/,
    (_, project: string) => `projects/${places.projectId(project)}`,
  );
}

/** A resource and everything that it is in, whose policies count for it too: the nearest first. */
export function lineage(resource: string, places: Places): readonly string[] {
  const segments = resource.split("/");
  const inside = segments
    .map((_, index) => segments.slice(0, segments.length - index).join("/"))
    .filter((name) => name.split("/").length % 2 === 0);
  const names = inside.length > 0 ? inside : [resource];
  const parents = names.flatMap((name) => places.parentOf(name) ?? []);
  return [...new Set([...names, ...parents])].filter((name) => name !== "projects/_");
}
