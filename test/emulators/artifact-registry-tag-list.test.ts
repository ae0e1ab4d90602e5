import { describe, expect, test } from "vitest";
import {
  errorOf,
  LOCATION,
  manifestOf,
  REPOSITORY,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const IMMUTABLE = `${LOCATION}/repositories/fixed`;

const { request, uploadBlob, putManifest, pushManifest, published } = useRegistry({
  repositories: [{ name: REPOSITORY }, { name: IMMUTABLE, dockerConfig: { immutableTags: true } }],
});

const NAME = "acme/apps/web";

describe("a list of tags", () => {
  test("is sorted and comes in pages that link to the next", async () => {
    for (const tag of ["b", "a", "C", "_d"]) {
      await pushManifest(NAME, tag, "layer");
    }
    const all = await request("GET", `/v2/${NAME}/tags/list`);
    expect(await all.json()).toEqual({ name: NAME, tags: ["C", "_d", "a", "b"] });
    expect(all.headers.get("link")).toBeNull();
    const first = await request("GET", `/v2/${NAME}/tags/list?n=3`);
    expect(await first.json()).toEqual({ name: NAME, tags: ["C", "_d", "a"] });
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "");
    const second = await request("GET", link?.[1] ?? "");
    expect(await second.json()).toEqual({ name: NAME, tags: ["b"] });
    expect(second.headers.get("link")).toBeNull();
  });

  test("has no tags for n=0, and refuses an n that is no number", async () => {
    await pushManifest(NAME, "v1", "layer");
    const none = await request("GET", `/v2/${NAME}/tags/list?n=0`);
    expect(await none.json()).toEqual({ name: NAME, tags: [] });
    expect(none.headers.get("link")).toBeNull();
    const refused = await request("GET", `/v2/${NAME}/tags/list?n=-1`);
    expect(await errorOf(refused)).toMatchObject({
      status: 400,
      code: "PAGINATION_NUMBER_INVALID",
    });
  });

  test("of an image that nobody pushed is unknown", async () => {
    const response = await request("GET", "/v2/acme/apps/nothing/tags/list");
    expect(await errorOf(response)).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
  });
});

describe("a repository with immutable tags", () => {
  const name = "acme/fixed/web";

  test("lets a tag be made, and made again for the same manifest", async () => {
    await pushManifest(name, "v1", "one");
    await pushManifest(name, "v1", "one");
    await pushManifest(name, "v2", "one");
    expect(published()).toHaveLength(3);
  });

  test("refuses to move a tag", async () => {
    const digest = await pushManifest(name, "v1", "one");
    const blobs = [await uploadBlob(name, "{}"), await uploadBlob(name, "two")];
    const error = await errorOf(await putManifest(name, "v1", manifestOf(blobs)));
    expect(error).toEqual({
      status: 400,
      code: "MANIFEST_INVALID",
      message: "cannot update tag v1. The repository has enabled tag immutability",
    });
    const head = await request("HEAD", `/v2/${name}/manifests/v1`);
    expect(head.headers.get("docker-content-digest")).toBe(digest);
  });

  test("refuses to delete a tag, and so a tagged manifest", async () => {
    const digest = await pushManifest(name, "v1", "one");
    for (const reference of ["v1", digest]) {
      const response = await request("DELETE", `/v2/${name}/manifests/${reference}`);
      expect(response.status).toBe(400);
    }
    expect((await request("HEAD", `/v2/${name}/manifests/v1`)).status).toBe(200);
  });
});
