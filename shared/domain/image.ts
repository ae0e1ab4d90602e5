import type { Digest, ImageId, ReleaseId } from "./ids.ts";
import type { ProvenanceReading } from "./provenance.ts";
import type { Instant } from "./time.ts";

/** Who or what acted: a principal such as `user:ann@example.com`, or `slipway` itself. */
export type Actor = string;

/** A tag that was put on an image. */
export type TagPut = {
  readonly tag: string;
  /** When it was last put there: fixed-width RFC 3339 with nanoseconds, so that text order is time order. */
  readonly at: string;
  /** The commit that the tag names by the service's tag policy, or null. */
  readonly commit: string | null;
};

/** Why an image must not be deployed again. */
export type BadMark = {
  readonly reason: string;
  readonly by: Actor;
  readonly at: Instant;
  /** Whether it was made as on-call: then only on-call, or somebody who may break the glass, may take it away. */
  readonly asOncall: boolean;
};

/** What is known of one image, whatever the specification under which it is released. */
export type Image = {
  readonly id: ImageId;
  readonly digest: Digest;
  /** The release that was made of the image last. */
  readonly release: ReleaseId;
  /**
   * The tags that were put on the image, the newest first. A tag that has moved away stays: it names what was pushed.
   */
  readonly tags: readonly TagPut[];
  /**
   * Further tags that the registry showed on the image, the last seen first. They make no release, but name the
   * image.
   */
  readonly otherTags: readonly string[];
  /** The commit that the image's labels name, or null. */
  readonly commit: string | null;
  /** Everybody who wrote the change, as the image's labels say: addresses in lower case. */
  readonly authors: readonly string[];
  readonly bad: BadMark | null;
  /** What came of verifying the image's signatures: one reading for each trust that was asked for. */
  readonly provenance: readonly ProvenanceReading[];
};

/** How many tags of an image are remembered; the oldest are forgotten first. */
export const TAGS_MAX = 20;

/** The tags with one more put. A tag is in the list once, with the last time when it was put there. */
export function putTag(tags: readonly TagPut[], put: TagPut): readonly TagPut[] {
  const known = tags.find(({ tag }) => tag === put.tag);
  if (known !== undefined && known.at >= put.at) {
    return tags;
  }
  return [put, ...tags.filter(({ tag }) => tag !== put.tag)]
    .toSorted((one, other) => (one.at < other.at ? 1 : -1))
    .slice(0, TAGS_MAX);
}

/** How many tags of an image are remembered that make no release. */
export const OTHER_TAGS_MAX = 10;

/** The image with the other tags that the registry shows on it now; the same when they are known. */
export function withOtherTags(image: Image, seen: readonly string[]): Image {
  const { otherTags } = image;
  const all = [...seen, ...otherTags.filter((tag) => !seen.includes(tag))].slice(0, OTHER_TAGS_MAX);
  return all.every((tag) => otherTags.includes(tag)) ? image : { ...image, otherTags: all };
}

/** Whether the tag is one of the image, whether or not it makes a release. */
export function hasTag({ tags, otherTags }: Image, tag: string): boolean {
  return otherTags.includes(tag) || tags.some((put) => put.tag === tag);
}

/** When the tag was last put on the image. Empty when that is not known; an empty text is before any time. */
export function putAt(image: Image, tag: string): string {
  return image.tags.find((put) => put.tag === tag)?.at ?? "";
}

/** The commit of which the image was made: that of its newest tag with a commit, else that of its label. */
export function commitOf(image: Image): string | null {
  return image.tags.find(({ commit }) => commit !== null)?.commit ?? image.commit;
}

/** Every commit that a tag or a label of the image names. */
export function commitsOf(image: Image): readonly string[] {
  return [...image.tags.map(({ commit }) => commit), image.commit].filter(
    (commit) => commit !== null,
  );
}

/** What lies in the registry under a digest: an image that a service can run, or something else. */
export type ImageDescription =
  | {
      readonly kind: "runnable";
      /** Every address in the label `org.opencontainers.image.authors`, lower case; empty when it says none. */
      readonly authors: readonly string[];
      /** `org.opencontainers.image.revision`, or null. */
      readonly commit: string | null;
    }
  /** `reason` says in words for a person what it is instead. */
  | { readonly kind: "other"; readonly reason: string };
