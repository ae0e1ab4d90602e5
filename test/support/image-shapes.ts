import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Content,
  type Image,
  toContent,
  toDescriptor,
  toJsonContent,
} from "../../infra/local/image.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";

/** Builds an index of images for several platforms. */
export function buildIndex(children: Image["children"]): Image {
  const manifest = toJsonContent(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: children.map(({ image, platform }) => toDescriptor(image.manifest, platform)),
  });
  return { manifest, blobs: [], children };
}

/** Builds an index that lists files and no manifests, as some build caches are. */
export function buildFileIndex(
  files: readonly { readonly mediaType: string; readonly bytes: Uint8Array }[],
): Image {
  const blobs = files.map(({ mediaType, bytes }) => toContent(mediaType, bytes));
  const manifest = toJsonContent(INDEX, {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: blobs.map((blob) => toDescriptor(blob)),
  });
  return { manifest, blobs, children: [] };
}

/**
 * Writes an image as an OCI layout, which `skopeo copy oci:<directory>:<tag>` reads.
 * Source: https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
export async function writeImageLayout(
  directory: string,
  image: Image,
  tag: string,
): Promise<void> {
  const folder = join(directory, "blobs", "sha256");
  await mkdir(folder, { recursive: true });
  for (const { digest, bytes } of allContents(image)) {
    await writeFile(join(folder, digest.replace("sha256:", "")), bytes);
  }
  const annotations = { "org.opencontainers.image.ref.name": tag };
  const index = {
    schemaVersion: 2,
    mediaType: INDEX,
    manifests: [{ ...toDescriptor(image.manifest), annotations }],
  };
  await writeFile(join(directory, "index.json"), JSON.stringify(index));
  await writeFile(join(directory, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

function allContents(image: Image): readonly Content[] {
  const children = image.children.flatMap((child) => allContents(child.image));
  return [...children, ...image.blobs, image.manifest];
}
