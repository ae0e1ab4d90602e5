import { describe, expect, test } from "vitest";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import { REPOSITORY, URI, useRegistry } from "./artifact-registry-fixture.ts";

const OTHER = "projects/other-project/locations/europe-west1/repositories/apps";

const { registry, request, published } = useRegistry({
  repositories: [{ name: REPOSITORY }, { name: OTHER }],
});

const PACKAGE = `${REPOSITORY}/packages/web`;

function imageUrl(): string {
  return `${registry().url}/acme/apps/web`;
}

function bodies(): readonly unknown[] {
  return published().map(({ body }) => body);
}

describe("notifications", () => {
  test("go to the topic gcr of the repository's project, without attributes", async () => {
    const image = await buildImage();
    const path = "europe-west1-docker.pkg.dev/other-project/apps/team/web";
    const digest = await pushImage(`${registry().url}/${path}`, image, "v1");
    expect(published()).toEqual([
      {
        topic: "projects/other-project/topics/gcr",
        attributes: {},
        body: { action: "INSERT", digest: `${path}@${digest}`, tag: `${path}:v1` },
      },
    ]);
  });

  test("name the digest and the tag of a push by tag, and of each further tag", async () => {
    const image = await buildImage();
    const digest = await pushImage(imageUrl(), image, "v1");
    await pushImage(imageUrl(), image, "main");
    const uri = `${URI}/web@${digest}`;
    expect(bodies()).toEqual([
      { action: "INSERT", digest: uri, tag: `${URI}/web:v1` },
      { action: "INSERT", digest: uri, tag: `${URI}/web:main` },
    ]);
  });

  test("name the digest alone of a push by digest", async () => {
    const digest = await pushImage(imageUrl(), await buildImage());
    expect(bodies()).toEqual([{ action: "INSERT", digest: `${URI}/web@${digest}` }]);
  });

  test("name the new pair alone when a tag moves", async () => {
    await pushImage(imageUrl(), await buildImage({ env: { A: "1" } }), "v1");
    const digest = await pushImage(imageUrl(), await buildImage({ env: { A: "2" } }), "v1");
    expect(bodies().slice(1)).toEqual([
      { action: "INSERT", digest: `${URI}/web@${digest}`, tag: `${URI}/web:v1` },
    ]);
  });

  test("come for the children of an index first, each by its digest", async () => {
    const amd = await buildImage();
    const platform = { architecture: "arm64", os: "linux" };
    const arm = await buildImage({ platform });
    const index = buildIndex([
      { image: amd, platform: { architecture: "amd64", os: "linux" } },
      { image: arm, platform },
    ]);
    const digest = await pushImage(imageUrl(), index, "v1");
    expect(bodies()).toEqual([
      { action: "INSERT", digest: `${URI}/web@${amd.manifest.digest}` },
      { action: "INSERT", digest: `${URI}/web@${arm.manifest.digest}` },
      { action: "INSERT", digest: `${URI}/web@${digest}`, tag: `${URI}/web:v1` },
    ]);
  });

  test("name the tag alone when it is deleted, and the digest alone when the manifest is", async () => {
    const digest = await pushImage(imageUrl(), await buildImage(), "v1");
    await request("DELETE", "/v2/acme/apps/web/manifests/v1");
    await request("DELETE", `/v2/acme/apps/web/manifests/${digest}`);
    expect(bodies().slice(1)).toEqual([
      { action: "DELETE", tag: `${URI}/web:v1` },
      { action: "DELETE", digest: `${URI}/web@${digest}` },
    ]);
  });

  test("come for tags and versions that are changed through the API too", async () => {
    const digest = await pushImage(imageUrl(), await buildImage(), "v1");
    const version = `${PACKAGE}/versions/${digest}`;
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ version });
    await request("POST", `/v1/${PACKAGE}/tags?tagId=live`, { body, headers });
    await request("PATCH", `/v1/${PACKAGE}/tags/live`, { body, headers });
    await request("DELETE", `/v1/${PACKAGE}/tags/live`);
    await request("DELETE", `/v1/${version}?force=true`);
    const live = `${URI}/web:live`;
    const uri = `${URI}/web@${digest}`;
    expect(bodies().slice(1)).toEqual([
      { action: "INSERT", digest: uri, tag: live },
      { action: "INSERT", digest: uri, tag: live },
      { action: "DELETE", tag: live },
      { action: "DELETE", tag: `${URI}/web:v1` },
      { action: "DELETE", digest: uri },
    ]);
  });

  test("come for nothing that was refused, and for no blob", async () => {
    await request("POST", "/v2/acme/apps/web/blobs/uploads/");
    await request("PUT", "/v2/acme/apps/web/manifests/v1", { body: "{}" });
    await request("DELETE", "/v2/acme/apps/web/manifests/v1");
    expect(published()).toEqual([]);
  });
});

describe("a planned fault", () => {
  test("loses the answer to a push that happened", async () => {
    registry().faults.add({ method: "PutManifest", call: 1, kind: "drop-after" });
    const image = await buildImage();
    await expect(pushImage(imageUrl(), image, "v1")).rejects.toThrow("fetch failed");
    expect(registry().images.find(`${URI}/web:v1`)?.digest).toBe(image.manifest.digest);
    expect(published()).toHaveLength(1);
  });

  test("refuses a request with its status, and nothing happens", async () => {
    const fault = { call: 1, kind: "status", status: "UNAVAILABLE" } as const;
    registry().faults.add({ method: "oci.distribution/PutManifest", ...fault });
    const image = await buildImage();
    await expect(pushImage(imageUrl(), image, "v1")).rejects.toThrow("503");
    expect(published()).toEqual([]);
    await pushImage(imageUrl(), image, "v1");
    expect(registry().faults.calls("PutManifest")).toBe(2);
  });
});
