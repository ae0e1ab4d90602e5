import { orderBy } from "../kit/order-by.ts";
import { paginate } from "../kit/page.ts";
import type { PageRequest } from "../kit/page.ts";
import { PAGE_LIMITS, requireImage, requireRepository, requireVersion } from "./find.ts";
import { parseDockerImageName, parseRepositoryName } from "./names.ts";
import { toDockerImage } from "./resources.ts";
import type { DockerImage } from "./resources.ts";
import type { Registry } from "./state.ts";

/** A list of docker images is asked for by repository. */
export type ListDockerImagesRequest = PageRequest & {
  readonly parent?: string;
  readonly orderBy?: string;
};

/** Every manifest of a repository, by name unless `orderBy` says otherwise. */
export function listDockerImages(
  registry: Registry,
  request: ListDockerImagesRequest,
): { readonly dockerImages: readonly DockerImage[]; readonly nextPageToken: string } {
  const repository = requireRepository(registry, parseRepositoryName(request.parent ?? ""));
  const images = [...repository.packages].flatMap(([image, held]) =>
    [...held.versions.values()].map((version) =>
      toDockerImage({ id: { ...repository.id, image }, held, version }),
    ),
  );
  const byName = images.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const { items, nextPageToken } = paginate(
    orderBy(byName.map(toSortable), request.orderBy),
    request,
    PAGE_LIMITS,
  );
  return { dockerImages: items.map(({ image }) => image), nextPageToken };
}

/** One manifest, by `IMAGE@sha256:…`. @throws GoogleError NOT_FOUND */
export function getDockerImage(
  registry: Registry,
  request: { readonly name?: string },
): DockerImage {
  const { digest, ...id } = parseDockerImageName(request.name ?? "");
  const image = requireImage(registry, id);
  return toDockerImage({ ...image, version: requireVersion(image, digest) });
}

type Sortable = Omit<DockerImage, "imageSizeBytes"> & {
  readonly image: DockerImage;
  readonly imageSizeBytes: number;
};

/** The size is text on the wire, but sorts as the number it is. */
function toSortable(image: DockerImage): Sortable {
  return { ...image, image, imageSizeBytes: Number(image.imageSizeBytes) };
}
