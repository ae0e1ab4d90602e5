import type { Service } from "./service.ts";

/** What two services have in common that each should have for itself. */
export type Claim = {
  /** The service that has it already. */
  readonly other: string;
  readonly kind: "image" | "pipeline" | "place";
  /** It in words, such as `image us-docker.pkg.dev/…`. */
  readonly what: string;
  /** The environment of the one that asks; null for the image. */
  readonly environment: string | null;
  /** Which of the two do not say that they share. */
  readonly silent: readonly string[];
};

/** What a service would have in common with another one that is applied; both may say that they share. */
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

/** What a claim means, to whoever applies. */
export function claimText({ other, what, silent }: Claim, service: string): string {
  const keys = silent
    .map((id) => `${id === service ? other : service} to delivery.sharesWith of ${id}`)
    .join(", and ");
  return `${what} belongs to service ${other}: if both are to share it, add ${keys}`;
}
