/** A reference to an image, taken apart. */
export type ImageReference = {
  /** `HOST/PROJECT/REPOSITORY/IMAGE`, without tag or digest. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
};

const LENGTH_MAX = 1024;

/** A path of two or more parts that begins with a host, perhaps with a port. */
const REPOSITORY = /^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?(?:\/[a-z0-9][a-z0-9._:-]*)+$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Takes an image reference apart (gcp.md 1.3): a repository, then `:TAG`, then `@sha256:DIGEST`, the
 * latter two optional. Null when the text is none.
 * Source: https://github.com/distribution/reference
 */
export function parseImageReference(text: string): ImageReference | null {
  if (text.length > LENGTH_MAX) {
    return null;
  }
  const [named = "", digest = null, ...rest] = text.split("@");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const repository = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : null;
  const isReference =
    rest.length === 0 &&
    REPOSITORY.test(repository) &&
    isAbsentOr(TAG, tag) &&
    isAbsentOr(DIGEST, digest);
  return isReference ? { repository, tag, digest } : null;
}

function isAbsentOr(pattern: RegExp, text: string | null): boolean {
  return text === null || pattern.test(text);
}
