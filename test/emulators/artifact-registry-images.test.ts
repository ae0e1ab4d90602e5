import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import type { Image } from "../../infra/local/image.ts";
import {
  imageWith,
  LOCATION,
  OCI_INDEX,
  OCI_MANIFEST,
  REPOSITORY,
  URI,
  useClient,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const fixture = useRegistry();
const { registry, request, clock } = fixture;
const client = useClient(fixture);

const ARM = { architecture: "arm64", os: "linux" };
const AMD = { architecture: "amd64", os: "linux" };

/** Pushes to `acme/apps/<image>` and returns the digest. */
function push(image: string, built: Image, tag?: string): Promise<string> {
  return pushImage(`${registry().url}/acme/apps/${image}`, built, tag);
}

describe("docker images", () => {
  test("say what was pushed", async () => {
    const image = await buildImage({ env: { PORT: "8080" } });
    const digest = await push("team/web", image, "v1");
    await push("team/web", image, "main");
    const [images] = await client().listDockerImages({ parent: REPOSITORY });
    const bytes = image.blobs.reduce((sum, blob) => sum + blob.bytes.byteLength, 0);
    const seconds = String(clock().now() / 1000);
    expect(images).toMatchObject([
      {
        name: `${REPOSITORY}/dockerImages/team%2Fweb@${digest}`,
        uri: `${URI}/team/web@${digest}`,
        tags: ["main", "v1"],
        imageSizeBytes: String(bytes),
        mediaType: OCI_MANIFEST,
        uploadTime: { seconds, nanos: 0 },
        updateTime: { seconds },
      },
    ]);
    const [got] = await client().getDockerImage({ name: images[0]?.name ?? "" });
    expect(got).toEqual(images[0]);
  });

  test("list an index, and its children apart", async () => {
    const amd = await imageWith("amd");
    const arm = await buildImage({ platform: ARM });
    const index = buildIndex([
      { image: amd, platform: AMD },
      { image: arm, platform: ARM },
    ]);
    const digest = await push("web", index, "v1");
    const [images] = await client().listDockerImages({ parent: REPOSITORY });
    expect(images).toHaveLength(3);
    const found = images.find(({ mediaType }) => mediaType === OCI_INDEX);
    const sizes = images
      .filter((image) => image !== found)
      .map((one) => Number(one.imageSizeBytes));
    expect(found).toMatchObject({
      uri: `${URI}/web@${digest}`,
      tags: ["v1"],
      imageSizeBytes: String(sizes.reduce((sum, size) => sum + size, 0)),
    });
  });

  test("have upload times that differ, though the clock stands still", async () => {
    for (const text of ["1", "2", "3"]) {
      await push("web", await imageWith(text), `v${text}`);
    }
    const order = { parent: REPOSITORY, orderBy: "upload_time desc" };
    const [images] = await client().listDockerImages(order);
    expect(images.map(({ tags }) => tags)).toEqual([["v3"], ["v2"], ["v1"]]);
    const times = images.map(({ uploadTime }) => uploadTime?.nanos);
    expect(new Set(times).size).toBe(3);
  });

  test("come in pages", async () => {
    for (const text of ["1", "2", "3"]) {
      await push("web", await imageWith(text), `v${text}`);
    }
    const options = { autoPaginate: false };
    const page = { parent: REPOSITORY, pageSize: 2 };
    const [first, next] = await client().listDockerImages(page, options);
    expect(first).toHaveLength(2);
    const [second, end] = await client().listDockerImages({ ...page, ...next }, options);
    expect(second).toHaveLength(1);
    expect(end?.pageToken ?? "").toBe("");
    const names = [...first, ...second].map(({ name }) => name);
    expect(new Set(names).size).toBe(3);
    const bad = client().listDockerImages({ ...page, pageToken: "bad" }, options);
    await expect(bad).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test("are not found under another digest, and a tag is no name of one", async () => {
    const digest = await push("web", await imageWith("1"), "v1");
    const name = `${REPOSITORY}/dockerImages/web@${digest.replace(/.$/, "_")}`;
    await expect(client().getDockerImage({ name })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    const tag = client().getDockerImage({ name: `${REPOSITORY}/dockerImages/web:v1` });
    await expect(tag).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const parent = `${LOCATION}/repositories/nothing`;
    await expect(client().listDockerImages({ parent })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  test("are the same over REST", async () => {
    const digest = await push("team/web", await imageWith("1"), "v1");
    const list = await request("GET", `/v1/${REPOSITORY}/dockerImages?pageSize=1000`);
    const name = `${REPOSITORY}/dockerImages/team%2Fweb@${digest}`;
    expect(await list.json()).toMatchObject({
      dockerImages: [{ name, uploadTime: "2026-11-20T10:00:00Z", tags: ["v1"] }],
    });
    for (const path of [name, name.replaceAll("%2F", "%252F").replace("@", "%40")]) {
      const got = await request("GET", `/v1/${path}`);
      expect(await got.json()).toMatchObject({ name });
    }
    const tags = await request("GET", `/v1/${REPOSITORY}/packages/team%2Fweb/tags`);
    expect(await tags.json()).toMatchObject({
      tags: [{ name: `${REPOSITORY}/packages/team%2Fweb/tags/v1` }],
    });
  });
});
