import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import type { Image } from "../../infra/local/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { imageFiles } from "../../shared/adapters/image-files.ts";
import { imageInspection } from "../../shared/adapters/image-inspection.ts";
import { digest } from "../../shared/domain/ids.ts";
import type { ImageDescription } from "../../shared/domain/image.ts";
import { startAnswering } from "../support/answering-server.ts";
import type { AnsweringServer, CannedAnswer } from "../support/answering-server.ts";
import { aDigest, aService } from "../support/builders.ts";
import {
  aCacheIndex,
  aCacheManifest,
  aChart,
  aJunkSignature,
  anArtifact,
  anAttachment,
  anAttestationIndex,
} from "../support/odd-images.ts";

const OCI = "application/vnd.oci.image";
const MANIFEST = `${OCI}.manifest.v1+json`;
const INDEX = `${OCI}.index.v1+json`;
const IMAGE_CONFIG = `${OCI}.config.v1+json`;
const LINUX = { os: "linux", architecture: "amd64" };
const SILENT = { kind: "runnable", authors: [], commit: null };
const MIB = 1024 * 1024;

async function inspected(image: Image, besides: readonly Image[] = []): Promise<unknown> {
  const name = "projects/slipway/locations/us-central1/repositories/apps";
  const server = await startArtifactRegistry({ repositories: [{ name }] });
  const url = `${server.url}/slipway/apps/web`;
  for (const other of besides) {
    await pushImage(url, other);
  }
  const pushed = digest(await pushImage(url, image));
  const inspect = imageInspection(imageFiles({ endpoint: server.grpcAddress }));
  const description = await inspect(aService().image, pushed);
  await server.close();
  return description;
}

function json(body: object, mediaType = MANIFEST): CannedAnswer {
  return { body: JSON.stringify(body), headers: { "content-type": mediaType } };
}

describe("what was pushed to the registry", () => {
  const revision = "org.opencontainers.image.revision";

  async function anIndexOf(...platforms: readonly (typeof LINUX)[]): Promise<Image> {
    return buildIndex(
      await Promise.all(
        platforms.map(async (platform) => {
          const commit = `${platform.os}-${platform.architecture}`;
          const labels = { [revision]: commit };
          return { platform, image: await buildImage({ platform, labels }) };
        }),
      ),
    );
  }

  test("is the image for linux/amd64, when it is an index", async () => {
    const arm = { os: "linux", architecture: "arm64" };
    const windows = { os: "windows", architecture: "amd64" };
    expect(await inspected(await anIndexOf(arm, windows, LINUX))).toEqual({
      kind: "runnable",
      authors: [],
      commit: "linux-amd64",
    });
    expect(await inspected(await anIndexOf(arm, windows))).toEqual({
      kind: "other",
      reason: "it has no image for linux/amd64, but linux/arm64, windows/amd64",
    });
  });

  test("runs on linux/amd64, or is no image for us", async () => {
    const platform = { os: "linux", architecture: "arm64" };
    expect(await inspected(await buildImage())).toEqual(SILENT);
    expect(await inspected(await buildImage({ platform }))).toEqual({
      kind: "other",
      reason: "it is for linux/arm64, not for linux/amd64",
    });
  });

  test("is the image of an index beside BuildKit's attestation of it", async () => {
    const unknown = { os: "unknown", architecture: "unknown" };
    expect(await inspected(await anIndexOf(unknown, LINUX))).toMatchObject({ kind: "runnable" });
    expect(await inspected(await anIndexOf(unknown))).toMatchObject({ kind: "other" });
  });

  test("is the one that an index lists without a platform, by its configuration", async () => {
    const image = await buildImage();
    const named = { os: "windows", architecture: "amd64" };
    const listed = buildIndex([{ image, platform: named }]).manifest;
    const bare = JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [{ mediaType: MANIFEST, digest: image.manifest.digest, size: 1 }],
    });
    const bytes = Buffer.from(bare);
    const { digestOf } = await import("../../emulators/kit/blob-store.ts");
    const manifest = { ...listed, bytes, digest: digestOf(bytes) };
    expect(await inspected({ manifest, blobs: [], children: [] }, [image])).toEqual(SILENT);
  });

  test.for<readonly [string, (image: Image) => Image, string]>([
    ["a Helm chart", aChart, "it is a Helm chart"],
    ["a build cache", aCacheManifest, "it is a build cache"],
    ["a build cache in an index", aCacheIndex, "it is a build cache"],
    [
      "an attestation that an index calls an image",
      anAttestationIndex,
      "of its image for linux/amd64: it holds application/vnd.in-toto+json, not the layers of a container image",
    ],
    [
      "a signature of cosign's",
      aJunkSignature,
      "it holds application/vnd.dev.cosign.simplesigning.v1+json, not the layers of a container image",
    ],
    ["an artifact", anArtifact, "it is an artifact of the type text/vnd.example.notes"],
    ["an attachment", anAttachment, "it is attached to another image"],
  ])("is not taken for an image when it is %s", async ([, make, reason]) => {
    const image = await buildImage();
    expect(await inspected(make(image), [image])).toEqual({ kind: "other", reason });
  });
});

describe("what a registry answers", () => {
  let server: AnsweringServer;
  beforeEach(async () => {
    server = await startAnswering();
  });
  afterEach(async () => server.close());

  async function inspect(...answers: readonly CannedAnswer[]): Promise<ImageDescription | null> {
    answers.forEach(server.answer);
    const files = imageFiles({ endpoint: new URL(server.url).host });
    return imageInspection(files)(aService().image, aDigest(1));
  }

  const configured = { config: { mediaType: IMAGE_CONFIG, digest: aDigest(2) } };

  test("is asked for by digest", async () => {
    expect(await inspect(json(configured), json(LINUX))).toEqual(SILENT);
    expect(server.asked).toEqual([
      `/v2/slipway/apps/web/manifests/${aDigest(1)}`,
      `/v2/slipway/apps/web/blobs/${aDigest(2)}`,
    ]);
  });

  test.for([
    ["nothing", { status: 404 }, null],
    ["no JSON", { body: "<html>" }, "it is no manifest"],
    [
      "a manifest of schema 1",
      json({}, "application/vnd.docker.distribution.manifest.v1+prettyjws"),
      "it is a manifest of Docker's schema 1, which is no longer run",
    ],
    [
      "another type",
      json({}, "text/html; charset=utf-8"),
      "it is of the type text/html, not a container image",
    ],
    [
      "a type that is no text of one line",
      json({ mediaType: "a\u2028\ud800b" }),
      "it is of the type a??b, not a container image",
    ],
    ["no configuration", json({ layers: [] }), "it is configured as no known type"],
    [
      "an index that is a build cache",
      json(
        {
          manifests: [
            { mediaType: `${OCI}.layer.v1.tar+gzip`, digest: aDigest(2) },
            { mediaType: "application/vnd.buildkit.cacheconfig.v0", digest: aDigest(3) },
          ],
        },
        INDEX,
      ),
      "it is a build cache",
    ],
    [
      "an index of indexes",
      json({ manifests: [{ mediaType: INDEX, digest: aDigest(2) }] }, INDEX),
      `it has no image for linux/amd64, but ${INDEX}`,
    ],
    [
      "an index that is attached to an image",
      json({ subject: { digest: aDigest(2) }, manifests: [] }, INDEX),
      "it is attached to another image",
    ],
    [
      "a manifest that is too long",
      { body: " ".repeat(MIB + 1) },
      `its manifest has more than ${MIB} bytes`,
    ],
  ] as const)("as %s is said to be that", async ([, answer, reason]) => {
    expect(await inspect(answer)).toEqual(reason === null ? null : { kind: "other", reason });
  });

  test.for([
    ["no configuration", { status: 404 }, "the registry does not have its configuration"],
    ["none for a machine", json({}), "it is for no platform, not for linux/amd64"],
    ["none that is JSON", { body: "no" }, "its configuration is none of a container image"],
    [
      "one that is too long",
      { body: " ".repeat(4 * MIB + 1) },
      `its configuration has more than ${4 * MIB} bytes`,
    ],
  ] as const)("with %s is no image", async ([, answer, reason]) => {
    expect(await inspect(json(configured), answer)).toEqual({ kind: "other", reason });
  });

  test("names files by digest alone", async () => {
    const sly = { config: { mediaType: IMAGE_CONFIG, digest: "../../../other/blobs/x" } };
    expect(await inspect(json(sly))).toMatchObject({ kind: "other" });
    expect(server.asked).toHaveLength(1);
  });

  test("as the next best of an index is taken when the first is none", async () => {
    const manifests = [
      { mediaType: MANIFEST, digest: aDigest(2), platform: LINUX },
      { mediaType: MANIFEST, digest: aDigest(3) },
      { mediaType: MANIFEST, digest: aDigest(4), platform: LINUX },
    ];
    const signed = { ...configured, layers: [{ mediaType: "text/plain" }] };
    expect(
      await inspect(
        json({ manifests }, INDEX),
        { status: 404 },
        json(signed),
        json(configured),
        json(LINUX),
      ),
    ).toEqual(SILENT);
    const asked = server.asked.map((path) => path.slice(path.indexOf("sha256:")));
    expect(asked).toEqual([1, 2, 4, 3, 2].map((number) => aDigest(number)));
  });

  test.for([
    [403, "PermanentError"],
    [503, "TransientError"],
  ] as const)("with %i says nothing: it is a %s", async ([status, name]) => {
    await expect(inspect(...[1, 2, 3].map(() => ({ status })))).rejects.toMatchObject({ name });
  });
});
