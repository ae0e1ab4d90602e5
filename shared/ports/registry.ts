import type { Digest } from "../domain/ids.ts";

/** An image as the registry shows it now. */
export type ImageView = {
  readonly digest: Digest;
  readonly tags: readonly string[];
  /** Fixed-width RFC 3339 with nanoseconds, UTC: text order is time order. */
  readonly uploadedAt: string;
};

/** Who and what an image says it is made of, from its configuration's labels. */
export type ImageOrigin = {
  /** `org.opencontainers.image.authors`: the e-mail address in it, lower case; null when it says none. */
  readonly author: string | null;
  /** `org.opencontainers.image.revision`, or null. */
  readonly commit: string | null;
};

/** The image registry. Every call throws TransientError or PermanentError when it cannot answer. */
export type Registry = {
  /** The image of that digest, or null when the registry has none. `repository` is `HOST/PROJECT/REPO/IMAGE`. */
  readonly getImage: (repository: string, digest: Digest) => Promise<ImageView | null>;
  /** Images of the repository uploaded after `newerThan` (null: all), newest first, at most `limit`. */
  readonly listImages: (
    repository: string,
    options: { readonly newerThan: string | null; readonly limit: number },
  ) => Promise<readonly ImageView[]>;
  /** What the image's labels say of its origin; an image without a configuration that can be read says nothing. */
  readonly origin: (repository: string, digest: Digest) => Promise<ImageOrigin>;
  /** Whether a signature or attestation of the image lies beside it (tags `sha256-<hex>`, with `.sig` or `.att`). */
  readonly isAttested: (repository: string, digest: Digest) => Promise<boolean>;
};
