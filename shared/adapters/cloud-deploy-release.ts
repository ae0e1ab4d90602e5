import type { protos } from "@google-cloud/deploy";

import { imageOf, releaseCommit } from "../domain/release.ts";
import type { Release } from "../domain/release.ts";

type ReleaseBody = protos.google.cloud.deploy.v1.IRelease;

/** Where people who look at a release in Cloud Deploy find what it was made of. */
const ANNOTATION_PREFIX = "slipway.dev/";

/** The annotations that the platform's own releases have: what tells of rollouts in chat looks for them. */
const PLATFORM_ANNOTATIONS: ReadonlySet<string> = new Set(["commit", "author"]);

/**
 * A label's value: lower-case letters, digits, `_` and `-`, at most 63 of them.
 * Source: https://cloud.google.com/deploy/docs/labels-annotations
 */
const LABEL_VALUE = /^[a-z0-9_-]{1,63}$/;

/** The parameter from which MSP's custom target takes the image's tag. */
const TAG_PARAMETER = "customTarget/tag";

/**
 * The parameter from which our own custom target takes the image, by digest.
 * Source: https://cloud.google.com/deploy/docs/custom-targets
 */
export const IMAGE_PARAMETER = "customTarget/imageByDigest";

/**
 * The release as Cloud Deploy is asked to make it. The image is deployed by digest. A pipeline that MSP
 * made joins its image and the parameter `customTarget/tag` with a colon, so that one gets the tag with
 * the digest behind it; other pipelines have no place for the parameter.
 */
export function toReleaseBody(release: Release): ReleaseBody {
  const { repository, digest, tag } = release;
  const commit = releaseCommit(release);
  const author = release.image.authors.length === 0 ? null : release.image.authors.join(" ");
  const known = Object.entries({ commit, author, tag }).flatMap(([name, value]) =>
    value === null ? [] : [[name, value] as const],
  );
  const annotations = Object.fromEntries([
    ...known.map(([name, value]) => [`${ANNOTATION_PREFIX}${name}`, value] as const),
    ...known.filter(([name]) => PLATFORM_ANNOTATIONS.has(name)),
  ]);
  return {
    skaffoldConfigUri: release.sourceUri,
    buildArtifacts: [{ image: repository, tag: imageOf(release) }],
    annotations,
    labels: commit !== null && LABEL_VALUE.test(commit) ? { commit } : {},
    deployParameters: {
      [IMAGE_PARAMETER]: imageOf(release),
      ...(tag !== null && { [TAG_PARAMETER]: `${tag}@${digest}` }),
    },
  };
}

/** Whether a release that is there deploys the same image. */
export function isSameRelease(there: ReleaseBody, release: Release): boolean {
  const artifacts = there.buildArtifacts ?? [];
  return (
    artifacts.length === 1 &&
    artifacts[0]?.image === release.repository &&
    artifacts[0].tag === imageOf(release)
  );
}
