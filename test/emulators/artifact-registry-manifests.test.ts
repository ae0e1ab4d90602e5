import { describe, expect, test } from "vitest";
import { z } from "zod";
import { digestOf } from "../../emulators/kit/blob-store.ts";
import { buildArtifact, buildImage, pushImage } from "../../infra/local/image.ts";
import { buildFileIndex, buildIndex } from "../support/image-shapes.ts";
import {
  errorOf,
  manifestOf,
  OCI_INDEX,
  OCI_MANIFEST,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const { registry, request, uploadBlob, putManifest, pushManifest, published } = useRegistry();

const NAME = "acme/apps/web";

const ReferrerList = z.object({
  manifests: z.array(
    z.object({
      digest: z.string(),
      artifactType: z.string(),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

function indexOf(children: readonly string[]): string {
  return JSON.stringify({
    schemaVersion: 2,
    manifests: children.map((digest) => ({ mediaType: OCI_MANIFEST, digest, size: 4 })),
  });
}

describe("a manifest", () => {
  test("is given back byte for byte, by tag and by digest", async () => {
    const config = await uploadBlob(NAME, "{}");
    const manifest = `${manifestOf([config])}\n  `;
    const digest = digestOf(manifest);
    const pushed = await putManifest(NAME, "v1", manifest);
    expect(pushed.status).toBe(201);
    expect(pushed.headers.get("location")).toBe(`/v2/${NAME}/manifests/${digest}`);
    expect(pushed.headers.get("docker-content-digest")).toBe(digest);
    for (const reference of ["v1", digest]) {
      const got = await request("GET", `/v2/${NAME}/manifests/${reference}`);
      const head = await request("HEAD", `/v2/${NAME}/manifests/${reference}`);
      for (const response of [got, head]) {
        expect(response.status).toBe(200);
        expect(response.headers.get("content-type")).toBe(OCI_MANIFEST);
        expect(response.headers.get("docker-content-digest")).toBe(digest);
        expect(response.headers.get("content-length")).toBe(String(manifest.length));
      }
      expect(await got.text()).toBe(manifest);
    }
  });

  test.each([
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json; charset=utf-8",
  ])("may be of type %s", async (type) => {
    const config = await uploadBlob(NAME, "{}");
    const body = manifestOf([config], { mediaType: undefined });
    const path = `/v2/${NAME}/manifests/v1`;
    const pushed = await request("PUT", path, { body, headers: { "content-type": type } });
    expect(pushed.status).toBe(201);
    expect((await request("HEAD", path)).headers.get("content-type")).toBe(type.split(";")[0]);
  });

  test.each([OCI_INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"])(
    "may be an index of type %s, once its children are there",
    async (type) => {
      const headers = { "content-type": type };
      const child = digestOf(manifestOf([digestOf("{}"), digestOf("layer")]));
      const path = `/v2/${NAME}/manifests/v1`;
      const early = await request("PUT", path, { body: indexOf([child]), headers });
      expect(await errorOf(early)).toMatchObject({ status: 400, code: "MANIFEST_BLOB_UNKNOWN" });
      await pushManifest(NAME, child, "layer");
      const pushed = await request("PUT", path, { body: indexOf([child]), headers });
      expect(pushed.status).toBe(201);
    },
  );

  test("needs all its blobs, and the refusal lists those that are missing", async () => {
    const config = await uploadBlob(NAME, "{}");
    const response = await putManifest(
      NAME,
      "v1",
      manifestOf([config, digestOf("a"), digestOf("b")]),
    );
    const error = await errorOf(response);
    expect(error).toMatchObject({ status: 400, code: "MANIFEST_BLOB_UNKNOWN" });
    expect(error.message).toContain(digestOf("a"));
    expect(error.message).toContain(digestOf("b"));
    expect(error.message).not.toContain(config);
    expect((await request("GET", `/v2/${NAME}/manifests/v1`)).status).toBe(404);
    expect(published()).toEqual([]);
  });

  test("does not need layers that lie elsewhere, nor its subject", async () => {
    const config = await uploadBlob(NAME, "{}");
    const layer = { digest: digestOf("windows"), size: 7, urls: ["https://example.com/layer"] };
    const subject = { mediaType: OCI_MANIFEST, digest: digestOf("later"), size: 5 };
    const response = await putManifest(
      NAME,
      "v1",
      manifestOf([config], { layers: [layer], subject }),
    );
    expect(response.status).toBe(201);
    expect(response.headers.get("oci-subject")).toBe(subject.digest);
  });

  test.each([
    { what: "no JSON", body: "{" },
    { what: "no object", body: "[]" },
    { what: "schema 1", body: manifestOf([digestOf("{}")], { schemaVersion: 1 }) },
    { what: "no config", body: manifestOf([], { config: undefined }) },
    { what: "a malformed digest", body: manifestOf(["sha256:short"]) },
    {
      what: "another mediaType than its Content-Type",
      body: manifestOf([digestOf("{}")], { mediaType: OCI_INDEX }),
    },
  ])("is refused with $what", async ({ body }) => {
    await uploadBlob(NAME, "{}");
    const error = await errorOf(await putManifest(NAME, "v1", body));
    expect(error).toMatchObject({ status: 400, code: "MANIFEST_INVALID" });
  });

  test("is refused when its type is unknown or not stated", async () => {
    const body = manifestOf([await uploadBlob(NAME, "{}")], { mediaType: undefined });
    for (const type of ["application/json", ""]) {
      const response = await request("PUT", `/v2/${NAME}/manifests/v1`, {
        body,
        headers: { "content-type": type },
      });
      expect(await errorOf(response)).toMatchObject({ status: 400, code: "MANIFEST_INVALID" });
    }
  });

  test("may be named by its sha512", async () => {
    const manifest = manifestOf([await uploadBlob(NAME, "{}")]);
    const digest = digestOf(manifest, "sha512:");
    expect((await putManifest(NAME, digest, manifest)).status).toBe(201);
    const response = await request("GET", `/v2/${NAME}/manifests/${digest}`);
    expect([await response.text(), response.headers.get("docker-content-digest")]).toEqual([
      manifest,
      digest,
    ]);
    const referrers = await request("GET", `/v2/${NAME}/referrers/${digest}`);
    expect(ReferrerList.parse(await referrers.json()).manifests).toEqual([]);
  });

  test("may be a build cache: an index of layers and of what says how they were made", async () => {
    const cache = buildFileIndex([
      { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", bytes: Buffer.from("layer") },
      { mediaType: "application/vnd.buildkit.cacheconfig.v0", bytes: Buffer.from("{}") },
    ]);
    const digest = await pushImage(`${registry().url}/${NAME}`, cache, "cache");
    const response = await request("GET", `/v2/${NAME}/manifests/cache`);
    expect(response.headers.get("docker-content-digest")).toBe(digest);
    for (const blob of cache.blobs) {
      const pulled = await request("GET", `/v2/${NAME}/blobs/${blob.digest}`);
      expect(await pulled.bytes()).toEqual(new Uint8Array(blob.bytes));
    }
  });

  test("is refused under a digest that is not its own", async () => {
    const manifest = manifestOf([await uploadBlob(NAME, "{}")]);
    const wrong = await putManifest(NAME, digestOf("other"), manifest);
    expect(await errorOf(wrong)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    const right = await putManifest(NAME, digestOf(manifest), manifest);
    expect(right.status).toBe(201);
  });

  test.each([
    { reference: "-v1", code: "MANIFEST_INVALID" },
    { reference: "x".repeat(129), code: "MANIFEST_INVALID" },
    { reference: "sha256:abc", code: "DIGEST_INVALID" },
    { reference: `sha512:${"a".repeat(128)}`, code: "DIGEST_INVALID" },
  ])("is refused under the reference $reference", async ({ reference, code }) => {
    const manifest = manifestOf([await uploadBlob(NAME, "{}")]);
    const response = await putManifest(NAME, reference, manifest);
    expect(await errorOf(response)).toMatchObject({ status: 400, code });
    expect((await putManifest(NAME, "x".repeat(128), manifest)).status).toBe(201);
  });

  test("may have 4 MiB, and no byte more", async () => {
    const manifest = manifestOf([await uploadBlob(NAME, "{}")]);
    const largest = manifest.padEnd(4 * 1024 * 1024, " ");
    expect((await putManifest(NAME, "v1", largest)).status).toBe(201);
    const response = await putManifest(NAME, "v2", `${largest} `);
    expect(await errorOf(response)).toMatchObject({ status: 413, code: "SIZE_INVALID" });
  });

  test("that nobody pushed is unknown", async () => {
    for (const reference of ["v1", digestOf("nothing")]) {
      const response = await request("GET", `/v2/${NAME}/manifests/${reference}`);
      expect(await errorOf(response)).toMatchObject({ status: 404, code: "MANIFEST_UNKNOWN" });
    }
  });

  test("lists what refers to it, by type where one is asked for", async () => {
    const image = await buildImage();
    const url = `${registry().url}/${NAME}`;
    const digest = await pushImage(url, image, "v1");
    const layers = [{ mediaType: "text/plain", bytes: Buffer.from("note") }];
    const annotations = { by: "ann" };
    const typed = { artifactType: "text/vnd.example.note", layers, annotations };
    const note = await pushImage(url, buildArtifact({ ...typed, subject: image.manifest }));
    const config = { mediaType: "text/vnd.example.config", text: "{}" };
    const other = await pushImage(url, buildArtifact({ config, layers, subject: image.manifest }));
    await pushImage(url, buildArtifact({ ...typed, subject: buildIndex([]).manifest }));

    const response = await request("GET", `/v2/${NAME}/referrers/${digest}`);
    expect(response.headers.get("content-type")).toContain("application/vnd.oci.image.index.v1");
    const { manifests } = ReferrerList.parse(await response.json());
    expect(manifests).toEqual([
      { digest: note, artifactType: "text/vnd.example.note", annotations },
      { digest: other, artifactType: "text/vnd.example.config" },
    ]);
    const query = "?artifactType=text/vnd.example.config";
    const filtered = await request("GET", `/v2/${NAME}/referrers/${digest}${query}`);
    expect(filtered.headers.get("oci-filters-applied")).toBe("artifactType");
    expect(ReferrerList.parse(await filtered.json()).manifests).toHaveLength(1);
  });

  test("that nothing refers to has an empty list, whether it is there or not", async () => {
    const digest = await pushManifest(NAME, "v1", "layer");
    for (const reference of [digest, digestOf("nothing")]) {
      const response = await request("GET", `/v2/${NAME}/referrers/${reference}`);
      expect(ReferrerList.parse(await response.json()).manifests).toEqual([]);
    }
    const response = await request("GET", `/v2/${NAME}/referrers/v1`);
    expect(await errorOf(response)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
  });
});

describe("deleting", () => {
  test("a tag leaves the manifest", async () => {
    const digest = await pushManifest(NAME, "v1", "layer");
    expect((await request("DELETE", `/v2/${NAME}/manifests/v1`)).status).toBe(202);
    expect((await request("GET", `/v2/${NAME}/manifests/v1`)).status).toBe(404);
    expect((await request("GET", `/v2/${NAME}/manifests/${digest}`)).status).toBe(200);
    expect((await request("DELETE", `/v2/${NAME}/manifests/v1`)).status).toBe(404);
  });

  test("a manifest is refused while a tag or an index needs it", async () => {
    const child = await pushManifest(NAME, "v1", "layer");
    const path = `/v2/${NAME}/manifests`;
    const tagged = await request("DELETE", `${path}/${child}`);
    expect(await errorOf(tagged)).toMatchObject({
      status: 400,
      code: "GOOGLE_MANIFEST_DANGLING_TAG",
    });
    const index = indexOf([child]);
    const headers = { "content-type": OCI_INDEX };
    await request("PUT", `${path}/${digestOf(index)}`, { body: index, headers });
    await request("DELETE", `${path}/v1`);
    const parented = await request("DELETE", `${path}/${child}`);
    expect(await errorOf(parented)).toMatchObject({
      status: 400,
      code: "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE",
    });
    expect((await request("DELETE", `${path}/${digestOf(index)}`)).status).toBe(202);
    expect((await request("DELETE", `${path}/${child}`)).status).toBe(202);
    expect((await request("GET", `${path}/${child}`)).status).toBe(404);
  });

  test("a manifest is refused while another has it as its subject", async () => {
    const digest = await pushManifest(NAME, "v1", "layer");
    const subject = { mediaType: OCI_MANIFEST, digest, size: 4 };
    await putManifest(NAME, "signature", manifestOf([digestOf("{}")], { subject }));
    await request("DELETE", `/v2/${NAME}/manifests/v1`);
    const refused = await request("DELETE", `/v2/${NAME}/manifests/${digest}`);
    expect(await errorOf(refused)).toMatchObject({ code: "GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE" });
  });

  test("a manifest takes along the blobs that only it needed", async () => {
    const first = await pushManifest(NAME, "v1", "mine");
    await pushManifest(NAME, "v2", "yours");
    await request("DELETE", `/v2/${NAME}/manifests/v1`);
    await request("DELETE", `/v2/${NAME}/manifests/${first}`);
    const statuses = ["{}", "mine", "yours"].map(async (text) => {
      const { status } = await request("HEAD", `/v2/${NAME}/blobs/${digestOf(text)}`);
      return status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 404, 200]);
  });
});
