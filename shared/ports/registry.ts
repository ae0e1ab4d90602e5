import type { Digest } from "../domain/ids.ts";
import type { ImageDescription } from "../domain/image.ts";

/** An image as the registry shows it now. */
export type ImageView = {
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** Fixed-width RFC 3339 with nanoseconds, UTC: text order is time order. */
  readonly uploadedAt: string;
  /** When the registry changed it last, by another tag for example; in the same form. */
  readonly updatedAt: string;
};

/** The image registry. Every call throws TransientError or PermanentError when it cannot answer. */
export type Registry = {
  /** The image of that digest, or null when the registry has none. `repository` is `HOST/PROJECT/REPO/IMAGE`. */
  readonly getImage: (repository: string, digest: Digest) => Promise<ImageView | null>;
  /** Images of the repository changed after `changedAfter` (null: all), the last changed first, at most `limit`. */
  readonly listImages: (
    repository: string,
    options: { readonly changedAfter: string | null; readonly limit: number },
  ) => Promise<readonly ImageView[]>;
  /** The digest on which the tag is now; null when it is on none. */
  readonly findTag: (repository: string, tag: string) => Promise<Digest | null>;
  /** What lies under the digest, by its manifest and configuration; null when it is gone. */
  readonly inspect: (repository: string, digest: Digest) => Promise<ImageDescription | null>;
};
