import type { BlobWriter } from "../kit/blob-store.ts";
import { parseDestination } from "./image-names.ts";
import { type ImageId, repositoryName } from "./names.ts";
import type { Registry, Repository } from "./state.ts";

/** A blob that is being uploaded. */
export type Upload = {
  readonly id: string;
  /** The image that it was begun for, by resource name. */
  readonly image: string;
  readonly writer: BlobWriter;
  usedMs: number;
  /** Whether a request is appending. */
  isBusy: boolean;
};

/** What the routes work on. */
export type Distribution = {
  readonly registry: Registry;
  /** The uploads under way, by id. They do not outlive the process; clients begin again. */
  readonly uploads: Map<string, Upload>;
  /** The largest blob that is taken, in bytes. */
  readonly blobBytesMax: number;
  /** Where a push goes whose name and host have no location. */
  readonly defaultLocation: string;
};

/** An image with the repository that it is in. */
export type Place = { readonly id: ImageId; readonly repository: Repository };

/** One request of the distribution API, with what its path says worked out. */
export type Exchange = Distribution &
  Place & {
    readonly request: Request;
    readonly url: URL;
    /** The name as the client wrote it, which goes into every Location. */
    readonly name: string;
    /** The last part of the path: a digest, a tag or the id of an upload; empty when there is none. */
    readonly reference: string;
  };

/** The image that a name stands for. @throws RegistryError NAME_INVALID */
export function imageAt(
  { defaultLocation }: Distribution,
  request: Request,
  path: string,
): ImageId {
  return parseDestination({ path, host: request.headers.get("host"), defaultLocation });
}

/** Where an image is, or may be put; null without its repository. */
export function placeOf({ registry }: Distribution, id: ImageId): Place | null {
  const repository = registry.repositories.get(repositoryName(id));
  return repository === undefined ? null : { id, repository };
}

/** The size of a blob that may be pulled under an image's name, in bytes; null when there is none. */
export function blobSize(
  { blobs }: Registry,
  { repository, id }: Place,
  digest: string,
): number | null {
  const size = repository.blobs.get(id.image)?.get(digest);
  return size !== undefined && blobs.has(digest) ? size : null;
}

/** Makes a stored blob pullable under an image's name. */
export function linkBlob({ repository, id }: Place, digest: string, size: number): void {
  const links = repository.blobs.get(id.image) ?? new Map<string, number>();
  repository.blobs.set(id.image, links.set(digest, size));
}
