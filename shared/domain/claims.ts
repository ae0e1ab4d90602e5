import type { Service } from "./service.ts";

/** Something that two services have in common and that each should have for itself. */
export type Claim = {
  /** The service that already has the thing. */
  readonly other: string;
  readonly kind: "image" | "pipeline" | "place";
  /** The thing in words, such as `image us-docker.pkg.dev/…`. */
  readonly what: string;
  /** The environment that would use the thing; null for an image. */
  readonly environment: string | null;
  /** The services, of the two, that do not say that they share. */
  readonly silent: readonly string[];
};

/** What a service would have in common with another service that is applied, and who of the two is silent about it. */
export function claimsOn(other: Service, service: Service): readonly Claim[] {
  if (other.id === service.id) {
    return [];
  }
  const silent = [
    ...(service.sharesWith.includes(other.id) ? [] : [service.id]),
    ...(other.sharesWith.includes(service.id) ? [] : [other.id]),
  ];
  const base = { other: other.id, silent };
  const image =
    service.image !== "" && service.image === other.image
      ? [{ ...base, kind: "image" as const, what: `image ${service.image}`, environment: null }]
      : [];
  const places = service.environments.flatMap((own): readonly Claim[] => {
    const { id: environment, project, region, pipeline } = own;
    const isPlace = other.environments.some(
      (theirs) => theirs.project === project && theirs.region === region,
    );
    const isPipeline = other.environments.some(
      (theirs) =>
        theirs.pipeline.id === pipeline.id &&
        theirs.pipeline.project === pipeline.project &&
        theirs.pipeline.location === pipeline.location,
    );
    return [
      ...(isPlace
        ? [
            {
              ...base,
              kind: "place" as const,
              what: `project ${project} in ${region}`,
              environment,
            },
          ]
        : []),
      ...(isPipeline
        ? [{ ...base, kind: "pipeline" as const, what: `pipeline ${pipeline.id}`, environment }]
        : []),
    ];
  });
  return [...image, ...places];
}

/** What a claim means and what helps, for whoever applies the specification. */
export function claimText({ other, what, silent }: Claim, service: string): string {
  const keys = silent
    .map((id) => `${id === service ? other : service} to delivery.sharesWith of ${id}`)
    .join(", and ");
  return `${what} belongs to service ${other}: if both are to share it, add ${keys}`;
}
