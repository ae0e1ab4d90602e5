import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, directoryBlobs } from "../../emulators/kit/blob-store.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { errorOf, REPOSITORY, useRegistry } from "./artifact-registry-fixture.ts";

const { request, uploadBlob } = useRegistry();

const NAME = "acme/apps/web";
const TEXT = "hello, world";
const DIGEST = digestOf(TEXT);

describe("the distribution API", () => {
  test("says which version it speaks, and asks nobody who they are", async () => {
    for (const path of ["/v2/", "/v2"]) {
      const response = await request("GET", path, { headers: { authorization: "Bearer any" } });
      expect(response.status).toBe(200);
      expect(response.headers.get("docker-distribution-api-version")).toBe("registry/2.0");
    }
  });

  test("names an endpoint that it does not have", async () => {
    const response = await request("GET", "/v2/_catalog");
    expect(await errorOf(response)).toMatchObject({
      status: 404,
      code: "UNSUPPORTED",
      message: "GET /v2/_catalog is not implemented",
    });
  });

  test("refuses a method that an endpoint does not have", async () => {
    const response = await request("PATCH", `/v2/${NAME}/manifests/v1`, { body: "{}" });
    expect(await errorOf(response)).toMatchObject({ status: 405, code: "UNSUPPORTED" });
  });
});

describe("a blob", () => {
  test("is pulled whole or by its head", async () => {
    await uploadBlob(NAME, TEXT);
    const got = await request("GET", `/v2/${NAME}/blobs/${DIGEST}`);
    const head = await request("HEAD", `/v2/${NAME}/blobs/${DIGEST}`);
    for (const response of [got, head]) {
      expect(response.status).toBe(200);
      expect(response.headers.get("docker-content-digest")).toBe(DIGEST);
      expect(response.headers.get("content-length")).toBe("12");
      expect(response.headers.get("accept-ranges")).toBe("bytes");
    }
    expect([await got.text(), await head.text()]).toEqual([TEXT, ""]);
  });

  test.each([
    { range: "bytes=0-4", text: "hello", contentRange: "bytes 0-4/12" },
    { range: "bytes=7-", text: "world", contentRange: "bytes 7-11/12" },
    { range: "bytes=-5", text: "world", contentRange: "bytes 7-11/12" },
    { range: "bytes=7-99", text: "world", contentRange: "bytes 7-11/12" },
  ])("is pulled in part: $range", async ({ range, text, contentRange }) => {
    await uploadBlob(NAME, TEXT);
    const response = await request("GET", `/v2/${NAME}/blobs/${DIGEST}`, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-range")).toBe(contentRange);
    expect(await response.text()).toBe(text);
  });

  test("has no bytes beyond its end", async () => {
    await uploadBlob(NAME, TEXT);
    const headers = { range: "bytes=12-" };
    const response = await request("GET", `/v2/${NAME}/blobs/${DIGEST}`, { headers });
    expect(await errorOf(response)).toMatchObject({ status: 416, code: "SIZE_INVALID" });
  });

  test("is unknown under a name that it was not uploaded to", async () => {
    await uploadBlob(NAME, TEXT);
    const response = await request("GET", `/v2/acme/apps/other/blobs/${DIGEST}`);
    expect(await errorOf(response)).toMatchObject({ status: 404, code: "BLOB_UNKNOWN" });
    const malformed = await request("GET", `/v2/${NAME}/blobs/sha256:xyz`);
    expect(await errorOf(malformed)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
  });

  test("is mounted from another image without being sent again", async () => {
    await uploadBlob(NAME, TEXT);
    const path = `/v2/acme/apps/other/blobs/uploads/?mount=${DIGEST}&from=${NAME}`;
    const response = await request("POST", path);
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/v2/acme/apps/other/blobs/${DIGEST}`);
    expect(await (await request("GET", `/v2/acme/apps/other/blobs/${DIGEST}`)).text()).toBe(TEXT);
  });

  test.each([`&from=acme/apps/nothing`, `&from=acme/nothing/web`, ""])(
    "that cannot be mounted is uploaded instead: %j",
    async (from) => {
      await uploadBlob(NAME, TEXT);
      const path = `/v2/acme/apps/other/blobs/uploads/?mount=${DIGEST}${from}`;
      const response = await request("POST", path);
      expect(response.status).toBe(202);
      const location = response.headers.get("location") ?? "";
      const finished = await request("PUT", `${location}?digest=${DIGEST}`, { body: TEXT });
      expect(finished.status).toBe(201);
    },
  );
});

describe("blobs in a folder", () => {
  test("are one file each, whole or in part, and go at a reset", async () => {
    const folder = await mkdtemp(join(tmpdir(), "artifact-registry-"));
    const registry = await startArtifactRegistry({
      repositories: [{ name: REPOSITORY }],
      blobs: directoryBlobs(folder),
    });
    try {
      const base = `${registry.url}/v2/${NAME}/blobs`;
      for (const body of [TEXT, TEXT, ""]) {
        await fetch(`${base}/uploads/?digest=${digestOf(body)}`, { method: "POST", body });
      }
      expect(await readdir(join(folder, "sha256"))).toHaveLength(2);
      expect(await readdir(join(folder, "uploads"))).toEqual([]);
      const part = await fetch(`${base}/${DIGEST}`, { headers: { range: "bytes=7-8" } });
      expect(await part.text()).toBe("wo");
      expect(await (await fetch(`${base}/${DIGEST}`)).text()).toBe(TEXT);
      const long = digestOf(TEXT, "sha512:");
      await fetch(`${base}/uploads/?digest=${long}`, { method: "POST", body: TEXT });
      expect(await readdir(join(folder, "sha512"))).toEqual([long.slice("sha512:".length)]);
      expect(await (await fetch(`${base}/${long}`)).text()).toBe(TEXT);
      registry.reset();
      expect(await readdir(join(folder, "sha256"))).toEqual([]);
    } finally {
      await registry.close();
      await rm(folder, { recursive: true });
    }
  });
});
