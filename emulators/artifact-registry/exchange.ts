import type { ImageId } from "./names.ts";
import type { Registry, Repository } from "./state.ts";
import type { Uploads } from "./uploads.ts";

/** One request of the distribution API, with what its path says worked out. */
export type Exchange = {
  readonly registry: Registry;
  readonly uploads: Uploads;
  readonly request: Request;
  readonly url: URL;
  /** The name as the client wrote it, which goes into every Location. */
  readonly name: string;
  readonly id: ImageId;
  readonly repository: Repository;
  /** The last part of the path: a digest, a tag or the id of an upload; empty when there is none. */
  readonly reference: string;
  /** The image that another name in the same request stands for; null when there is none. */
  readonly resolve: (
    name: string,
  ) => { readonly id: ImageId; readonly repository: Repository } | null;
};

/** The size of a blob that may be pulled under an image's name, in bytes; null when there is none. */
export function blobSize(
  registry: Registry,
  { repository, image }: { readonly repository: Repository; readonly image: string },
  digest: string,
): number | null {
  const size = repository.blobs.get(image)?.get(digest);
  return size !== undefined && registry.blobs.has(digest) ? size : null;
}

/** Makes a stored blob pullable under an image's name. */
export function linkBlob(
  { repository, image }: { readonly repository: Repository; readonly image: string },
  { digest, size }: { readonly digest: string; readonly size: number },
): void {
  const links = repository.blobs.get(image) ?? new Map<string, number>();
  repository.blobs.set(image, links.set(digest, size));
}

/** The body of a request, chunk by chunk. */
export async function* chunksOf(request: Request): AsyncIterable<Uint8Array> {
  if (request.body !== null) {
    yield* request.body;
  }
}
