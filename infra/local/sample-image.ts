import { buildImage, pushImage } from "./image.ts";
import { LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";

/** A service that the local cloud starts with: its id, and its image's name in the local repository. */
export type Sample = { readonly service: string; readonly image: string };

/** The sample that is pushed at the start, as its service.yaml names it. */
export const FIRST_SAMPLE: Sample = { service: "msp-testbed", image: "msp-example" };

/** The sample whose production asks for an approval. */
export const APPROVAL_SAMPLE: Sample = { service: "approval-demo", image: "approval-demo" };

const COMMIT_LENGTH = 12;

/** Pushes a sample's image as any client would, tagged `<commit>_<build>`. @returns the tag. */
export async function pushSample(
  registry: string,
  { image: name }: Sample,
  build: number,
): Promise<string> {
  const tag = `${build.toString(16).padStart(COMMIT_LENGTH, "c")}_${build}`;
  await pushVersion(`${registry}/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${name}`, tag);
  return tag;
}

/**
 * Pushes a small image that reports its tag as its version, and names the commit that its tag names.
 * @returns its digest.
 */
export async function pushVersion(
  imageUrl: string,
  tag: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = imageUrl.slice(imageUrl.lastIndexOf("/") + 1);
  const image = await buildImage({
    env: { VERSION: tag },
    labels: { ...commitOf(tag), ...labels },
    files: { "app/version.txt": `${name} ${tag}\n` },
  });
  return pushImage(imageUrl, image, tag);
}

/** The commit that a tag of the usual form names, as builds label their images. */
function commitOf(tag: string): Readonly<Record<string, string>> {
  const commit = /^(?<commit>[0-9a-f]{7,40})(?:_|$)/.exec(tag)?.groups?.["commit"];
  return commit === undefined ? {} : { "org.opencontainers.image.revision": commit };
}
