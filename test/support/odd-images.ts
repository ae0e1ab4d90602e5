import { buildArtifact } from "../../infra/local/image.ts";
import { buildFileIndex, buildIndex } from "./image-shapes.ts";
import type { Image } from "../../infra/local/image.ts";

const GZIPPED = "application/vnd.oci.image.layer.v1.tar+gzip";
const OCI_CONFIG = "application/vnd.oci.image.config.v1+json";

/**
 * A Helm chart as `helm push` pushes it.
 * Source: https://helm.sh/docs/topics/registries/#helm-chart-manifest
 */
export function aChart(): Image {
  return buildArtifact({
    config: { mediaType: "application/vnd.cncf.helm.config.v1+json", text: '{"name":"web"}' },
    layers: [aLayer("application/vnd.cncf.helm.chart.content.v1.tar+gzip")],
  });
}

/**
 * A build cache in the form of an image's manifest, BuildKit's default since 0.21.
 * Source: https://github.com/moby/buildkit/pull/3724
 */
export function aCacheManifest(): Image {
  return buildArtifact({ config: CACHE, layers: [aLayer(GZIPPED)] });
}

const CACHE = { mediaType: "application/vnd.buildkit.cacheconfig.v0", text: '{"layers":[]}' };

/**
 * A signature beside an image as cosign 2 pushes it: its configuration calls itself one of an image.
 * Source: https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export function aJunkSignature(): Image {
  return buildArtifact({
    config: { mediaType: OCI_CONFIG, text: '{"architecture":"amd64","os":"linux"}' },
    layers: [aLayer("application/vnd.dev.cosign.simplesigning.v1+json")],
  });
}

/** An artifact of OCI 1.1 with the empty configuration, such as `oras push` makes. */
export function anArtifact(): Image {
  return buildArtifact({ artifactType: "text/vnd.example.notes", layers: [aLayer("text/plain")] });
}

/** Something that is attached to an image, and looks like one itself. */
export function anAttachment(subject: Image): Image {
  return buildArtifact({
    config: { mediaType: OCI_CONFIG, text: '{"architecture":"amd64","os":"linux"}' },
    layers: [aLayer(GZIPPED)],
    subject: subject.manifest,
  });
}

function aLayer(mediaType: string): { readonly mediaType: string; readonly bytes: Uint8Array } {
  return { mediaType, bytes: Buffer.from("layer\n") };
}

/**
 * A build cache in the form of an index, BuildKit's default before 0.21: it lists layers and its configuration.
 * Source: https://github.com/moby/buildkit/pull/3724
 */
export function aCacheIndex(): Image {
  return buildFileIndex([aLayer(GZIPPED), { ...CACHE, bytes: Buffer.from(CACHE.text) }]);
}

/** An index that lists nothing but an attestation, and calls that an image for linux/amd64. */
export function anAttestationIndex(): Image {
  const image = buildArtifact({
    config: { mediaType: OCI_CONFIG, text: '{"architecture":"amd64","os":"linux"}' },
    layers: [aLayer("application/vnd.in-toto+json")],
  });
  return buildIndex([{ image, platform: { architecture: "amd64", os: "linux" } }]);
}

/** What looks like an image and has this for its configuration. */
export function anImageConfiguredAs(text: string): Image {
  return buildArtifact({
    config: { mediaType: OCI_CONFIG, text },
    layers: [aLayer(GZIPPED)],
  });
}
