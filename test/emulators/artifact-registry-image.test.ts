import { describe, expect, test } from "vitest";
import { digestOf } from "../../emulators/kit/blob-store.ts";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import {
  manifestOf,
  OCI_INDEX,
  OCI_MANIFEST,
  URI,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const { registry, request, uploadBlob } = useRegistry();

const AMD = { architecture: "amd64", os: "linux" };
const ARM = { architecture: "arm64", os: "linux" };

function imageUrl(): string {
  return `${registry().url}/acme/apps/web`;
}

describe("a built image", () => {
  test("is the same for the same contents, and another for others", async () => {
    const contents = { env: { A: "1" }, labels: { b: "2" }, files: { x: "y" } };
    const digests = await Promise.all(
      [contents, contents, { ...contents, files: { x: "z" } }, { ...contents, env: {} }].map(
        async (one) => (await buildImage(one)).manifest.digest,
      ),
    );
    expect(digests[1]).toBe(digests[0]);
    expect(new Set(digests).size).toBe(3);
  });

  test("is refused where its repository is not", async () => {
    const push = pushImage(`${registry().url}/acme/nothing/web`, await buildImage(), "v1");
    await expect(push).rejects.toThrow("NAME_UNKNOWN");
  });
});

describe("the image catalog", () => {
  test("finds an image by tag, by digest and by both, the digest winning", async () => {
    const one = await buildImage({ env: { A: "1", B: "x=y" }, labels: { version: "1" } });
    const digest = await pushImage(imageUrl(), one, "v1");
    await pushImage(imageUrl(), one, "latest");
    await pushImage(imageUrl(), await buildImage({ env: { A: "2" } }), "v2");
    const expected = {
      digest,
      tags: ["latest", "v1"],
      config: { env: ["A=1", "B=x=y"], labels: { version: "1" } },
      runsOn: { platforms: ["linux/amd64"], index: null },
    };
    for (const end of [":v1", `@${digest}`, `:v2@${digest}`, `:nothing@${digest}`, ""]) {
      expect(registry().images.find(`${URI}/web${end}`)).toEqual(expected);
    }
  });

  test.each([
    `${URI}/web:v2`,
    `${URI}/web`,
    `${URI}/other:v1`,
    `${URI}/web@${digestOf("nothing")}`,
    "us-central1-docker.pkg.dev/acme/nothing/web:v1",
    "docker.io/acme/apps/web:v1",
    "nonsense",
  ])("finds nothing for %s", async (reference) => {
    await pushImage(imageUrl(), await buildImage(), "v1");
    expect(registry().images.find(reference)).toBeNull();
  });

  test("gives an index the configuration of its child for linux/amd64, else of its first", async () => {
    const amd = await buildImage({ env: { ON: "amd" } });
    const arm = await buildImage({ env: { ON: "arm" }, platform: ARM });
    const children = [
      { image: arm, platform: ARM },
      { image: amd, platform: AMD },
    ];
    const digest = await pushImage(imageUrl(), buildIndex(children), "both");
    await pushImage(imageUrl(), buildIndex(children.slice(0, 1)), "arm");
    const both = registry().images.find(`${URI}/web:both`);
    expect(both).toMatchObject({ digest, config: { env: ["ON=amd"] } });
    const index = OCI_INDEX;
    expect(both?.runsOn).toEqual({ platforms: ["linux/arm64", "linux/amd64"], index });
    const one = registry().images.find(`${URI}/web@${arm.manifest.digest}`);
    expect(one?.runsOn).toEqual({ platforms: ["linux/arm64"], index: null });
    expect(registry().images.find(`${URI}/web:arm`)?.config.env).toEqual(["ON=arm"]);
  });

  test("finds an artifact whose configuration is no image's, with empty settings", async () => {
    const config = await uploadBlob("acme/apps/chart", "not JSON");
    const body = manifestOf([config]);
    await request("PUT", "/v2/acme/apps/chart/manifests/v1", {
      body,
      headers: { "content-type": OCI_MANIFEST },
    });
    expect(registry().images.find(`${URI}/chart:v1`)?.config).toEqual({ env: [], labels: {} });
  });

  test("forgets all but the first repositories when the registry is reset", async () => {
    const image = await buildImage();
    await pushImage(imageUrl(), image, "v1");
    registry().reset();
    expect(registry().images.find(`${URI}/web:v1`)).toBeNull();
    const blob = image.blobs[0]?.digest ?? "";
    expect((await request("HEAD", `/v2/acme/apps/web/blobs/${blob}`)).status).toBe(404);
    await pushImage(imageUrl(), image, "v1");
    expect(registry().images.find(`${URI}/web:v1`)?.digest).toBe(image.manifest.digest);
  });
});
