import { buildImage, pushImage } from "../../emulators/artifact-registry/image.ts";
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
  const commit = build.toString(16).padStart(COMMIT_LENGTH, "c");
  const tag = `${commit}_${build}`;
  const image = await buildImage({
    env: { VERSION: tag },
    labels: { "org.opencontainers.image.revision": commit },
    files: { "app/version.txt": `${name} ${tag}\n` },
  });
  await pushImage(`${registry}/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${name}`, image, tag);
  return tag;
}
