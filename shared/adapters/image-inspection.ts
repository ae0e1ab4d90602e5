import type { Digest } from "../domain/ids.ts";
import type { ImageDescription } from "../domain/image.ts";
import { describeImage, readManifest } from "../wire/image-manifest.ts";
import type { ReadManifest } from "../wire/image-manifest.ts";
import type { Parsed } from "../wire/parsed.ts";
import type { ImageFiles } from "./image-files.ts";

/** Says what lies under a digest; null when it is gone. */
export type Inspect = (repository: string, digest: Digest) => Promise<ImageDescription | null>;

/**
 * Reads images as any puller does: the manifest, of an index the one for linux/amd64, and the
 * configuration that it names.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pull
 */
export function imageInspection(files: ImageFiles): Inspect {
  return async (repository, digest) => {
    const manifest = await manifestAt(files, repository, digest);
    if (manifest === null) {
      return null;
    }
    if (!manifest.ok) {
      return other(manifest.refusal);
    }
    return manifest.value.kind === "image"
      ? ofConfiguration(files, repository, manifest.value.config.digest)
      : ofIndex(files, repository, manifest.value.candidates);
  };
}

type Candidates = Extract<ReadManifest, { kind: "index" }>["candidates"];

/** The first manifest of an index that can run. If none can, what the first one is. */
async function ofIndex(
  files: ImageFiles,
  repository: string,
  candidates: Candidates,
): Promise<ImageDescription> {
  let first: ImageDescription | null = null;
  for (const { digest } of candidates) {
    const found = await ofCandidate(files, repository, digest);
    if (found.kind === "runnable") {
      return found;
    }
    first ??= other(`of its image for linux/amd64: ${found.reason}`);
  }
  return first ?? other("its index lists nothing");
}

async function ofCandidate(
  files: ImageFiles,
  repository: string,
  digest: string,
): Promise<ImageDescription> {
  const manifest = await manifestAt(files, repository, digest);
  if (manifest === null) {
    return other("the registry no longer has its manifest");
  }
  if (!manifest.ok) {
    return other(manifest.refusal);
  }
  return manifest.value.kind === "image"
    ? ofConfiguration(files, repository, manifest.value.config.digest)
    : other("it is an index within an index");
}

async function manifestAt(
  files: ImageFiles,
  repository: string,
  digest: string,
): Promise<Parsed<ReadManifest> | null> {
  const file = await files.manifest(repository, digest);
  switch (file.kind) {
    case "missing":
      return null;
    case "too-long":
      return { ok: false, refusal: `its manifest has more than ${file.bytesMax} bytes` };
    case "read":
      return readManifest(file.json, file.mediaType);
  }
}

async function ofConfiguration(
  files: ImageFiles,
  repository: string,
  digest: string,
): Promise<ImageDescription> {
  const file = await files.blob(repository, digest);
  switch (file.kind) {
    case "missing":
      return other("the registry does not have its configuration");
    case "too-long":
      return other(`its configuration has more than ${file.bytesMax} bytes`);
    case "read":
      return describeImage(file.json);
  }
}

function other(reason: string): ImageDescription {
  return { kind: "other", reason };
}
