import { commitsOf } from "./image.ts";
import type { Release } from "./release.ts";

/** The shortest part of a commit that names it, as git shows it. */
const COMMIT_DIGITS_MIN = 7;

/** What stands between two words of a version: a version's own characters are those of tags, and `+`. */
const BETWEEN_WORDS = /[^\w.+-]+/u;

/**
 * Whether what a service says of its version names the release: a word of it is a tag of the image, with or without
 * a leading v, the commit in full or shortened, the digest, or the release's id. A part of a word is no name: 2.1.0
 * is not tag 1.
 */
export function namesRelease(version: string, release: Release): boolean {
  const { image, id, digest } = release;
  const names = new Set(
    [
      id,
      digest.slice("sha256:".length),
      ...image.tags.map(({ tag }) => tag),
      ...image.otherTags,
    ].map(plain),
  );
  const commits = commitsOf(image).map((commit) => commit.toLowerCase());
  return version
    .split(BETWEEN_WORDS)
    .map(plain)
    .some((word) => names.has(word) || commits.some((commit) => namesCommit(word, commit)));
}

function plain(name: string): string {
  return name.replace(/^v(?=\d)/iu, "").toLowerCase();
}

/** Either may be the shortened one. */
function namesCommit(word: string, commit: string): boolean {
  const shorter = Math.min(word.length, commit.length);
  return shorter >= COMMIT_DIGITS_MIN && (commit.startsWith(word) || word.startsWith(commit));
}
