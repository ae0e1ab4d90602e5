import type { Digest } from "../domain/ids.ts";
import { AttachedManifest, signedFormOf } from "../wire/image-signature.ts";
import type { ImageFiles } from "./image-files.ts";

/** A signature or attestation that lies beside an image, as it lies there. */
export type Attachment = {
  readonly form: "payload" | "envelope" | "bundle";
  readonly bytes: Uint8Array;
  readonly json: unknown;
  readonly annotations: Readonly<Record<string, string>>;
};

/** How many manifests beside an image are looked at: whoever may push could put any number there. */
const MANIFESTS_MAX = 20;
/** How many signatures and attestations are read. */
const ATTACHMENTS_MAX = 50;

type Layer = AttachedManifest["layers"][number];
type AttachedManifest = ReturnType<typeof AttachedManifest.parse>;

/**
 * What tools put beside an image: under tags made of its digest, and as referrers of OCI 1.1, which
 * registries without that list keep under a tag too.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md and
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export async function attachmentsOf(
  files: ImageFiles,
  repository: string,
  digest: Digest,
): Promise<readonly Attachment[]> {
  const name = digest.replace(":", "-");
  const listed =
    (await manifestOf(files.referrers(repository, digest))) ??
    (await manifestOf(files.manifest(repository, name)));
  const references = [
    `${name}.sig`,
    `${name}.att`,
    ...(listed?.manifests ?? []).map((entry) => entry.digest),
  ];
  const layers: Layer[] = [...(listed?.layers ?? [])];
  for (const reference of references.slice(0, MANIFESTS_MAX)) {
    const manifest = await manifestOf(files.manifest(repository, reference));
    layers.push(...(manifest?.layers ?? []));
  }
  return readLayers(files, repository, layers);
}

async function manifestOf(
  reading: ReturnType<ImageFiles["manifest"]>,
): Promise<AttachedManifest | null> {
  const file = await reading;
  const parsed = file.kind === "read" ? AttachedManifest.safeParse(file.json) : null;
  return parsed?.success === true ? parsed.data : null;
}

async function readLayers(
  files: ImageFiles,
  repository: string,
  layers: readonly Layer[],
): Promise<readonly Attachment[]> {
  const signed = layers.flatMap(({ mediaType, digest, annotations }) => {
    const form = signedFormOf(mediaType);
    return form === null ? [] : [{ form, digest, annotations }];
  });
  const found: Attachment[] = [];
  for (const { form, digest, annotations } of signed.slice(0, ATTACHMENTS_MAX)) {
    const file = await files.blob(repository, digest);
    if (file.kind === "read") {
      found.push({ form, bytes: file.bytes, json: file.json, annotations });
    }
  }
  return found;
}
