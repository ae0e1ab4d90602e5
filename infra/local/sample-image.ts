import { buildImage, pushImage } from "../../emulators/artifact-registry/image.ts";
import { LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";

/** The image of the sample service, as its service.yaml names it. */
export const SAMPLE_SERVICE = "msp-testbed";

const SAMPLE_IMAGE = "msp-example";
const COMMIT_LENGTH = 12;

/** Pushes the sample's image as any client would, tagged `<commit>_<build>`. @returns the tag. */
export async function pushSample(registry: string, build: number): Promise<string> {
  const commit = build.toString(16).padStart(COMMIT_LENGTH, "c");
  const tag = `${commit}_${build}`;
  const image = await buildImage({
    env: { VERSION: tag },
    labels: { "org.opencontainers.image.revision": commit },
    files: { "app/version.txt": `${tag}\n` },
  });
  await pushImage(`${registry}/${LOCAL_PROJECT}/${LOCAL_REPOSITORY}/${SAMPLE_IMAGE}`, image, tag);
  return tag;
}
