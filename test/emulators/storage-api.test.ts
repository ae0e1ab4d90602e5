import { Storage as StorageClient } from "@google-cloud/storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryBlobs } from "../../emulators/kit/blob-store.ts";
import { putObject } from "../support/put-object.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import { startStorage, type Storage } from "../../emulators/storage/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const KIBIBYTE = 1024;

let clock: ManualClock;
let storage: Storage;
let client: StorageClient;
beforeEach(async () => {
  clock = manualClock();
  storage = await startStorage({ clock });
  client = new StorageClient({ apiEndpoint: storage.url, projectId: "demo" });
  await client.createBucket("apps-source", { location: "us-central1" });
});
afterEach(async () => {
  await storage.close();
});

function bucket(): ReturnType<StorageClient["bucket"]> {
  return client.bucket("apps-source");
}

async function save(name: string, content: string): Promise<void> {
  await bucket().file(name).save(content, { resumable: false });
}

function text(name: string): string | null {
  const bytes = storage.read(`gs://apps-source/${name}`);
  return bytes === null ? null : Buffer.from(bytes).toString();
}

async function call(
  method: string,
  path: string,
  init: { readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
  const response = await fetch(`${storage.url}${path}`, { method, redirect: "manual", ...init });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The status of a bucket that is changed or made with older versions, or without. */
async function askVersions(path: string, enabled: boolean, method = "PATCH"): Promise<number> {
  const body = JSON.stringify({ name: "other", versioning: { enabled } });
  return (await call(method, `/storage/v1/b${path}`, { body })).status;
}

/** The bucket with labels that were changed. */
async function patchLabels(labels: object): Promise<unknown> {
  const body = JSON.stringify({ labels });
  return JSON.parse((await call("PATCH", "/storage/v1/b/apps-source", { body })).text);
}

const OBJECTS = "/storage/v1/b/apps-source/o";

describe("the JSON API", () => {
  test("takes a plain upload and serves it under both addresses", async () => {
    const headers = {
      "content-type": "text/x",
      "x-goog-hash": "crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==",
    };
    const stored = await call("POST", `/upload${OBJECTS}?uploadType=media&name=x%2Fy`, {
      headers,
      body: "hello",
    });
    expect(JSON.parse(stored.text)).toMatchObject({ name: "x/y", contentType: "text/x" });
    for (const prefix of ["", "/download"]) {
      const media = await call("GET", `${prefix}${OBJECTS}/x%2Fy?alt=media`);
      expect(media.text).toBe("hello");
      expect(media.headers.get("x-goog-hash")).toBe("crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==");
    }
  });

  test("refuses content that does not match its checksum", async () => {
    const headers = { "x-goog-hash": "crc32c=AAAAAA==" };
    const refused = await call("POST", `/upload${OBJECTS}?uploadType=media&name=x`, {
      headers,
      body: "hello",
    });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("doesn't match calculated crc32c");
    expect(text("x")).toBeNull();
  });

  test("says how much of a resumable upload has come, and takes up from there", async () => {
    const started = await call("POST", `/upload${OBJECTS}?uploadType=resumable`, {
      body: JSON.stringify({ name: "r" }),
    });
    const session = (started.headers.get("location") ?? "").slice(storage.url.length);
    const content = "x".repeat(300 * KIBIBYTE);
    async function put(range: string, body = ""): Promise<readonly [number, string | null]> {
      const { status, headers } = await call("PUT", session, {
        headers: { "content-range": range },
        body,
      });
      return [status, headers.get("range")];
    }
    const size = content.length;
    expect(await put(`bytes */${size}`)).toEqual([308, null]);
    expect(await put(`bytes 0-${size - 1}/*`, content)).toEqual([308, "bytes=0-262143"]);
    expect((await put(`bytes 262145-${size - 1}/${size}`, content.slice(262_145)))[0]).toBe(400);
    expect((await put("bytes nonsense"))[0]).toBe(400);
    expect(await put(`bytes */*`)).toEqual([308, "bytes=0-262143"]);
    expect(text("r")).toBeNull();
    expect(await put(`bytes 262144-${size - 1}/${size}`, content.slice(262_144))).toEqual([
      200,
      null,
    ]);
    expect(text("r")).toBe(content);
    expect(await put(`bytes */${size}`)).toEqual([200, null]);
  });

  test("forgets a resumable upload that is a week old", async () => {
    const started = await call("POST", `/upload${OBJECTS}?uploadType=resumable&name=expired`);
    const session = (started.headers.get("location") ?? "").slice(storage.url.length);
    await clock.advance(7 * 24 * 60 * 60 * 1000 - 1);
    expect((await call("PUT", session, { headers: { "content-range": "bytes */5" } })).status).toBe(
      308,
    );
    await clock.advance(1);
    expect((await call("PUT", session, { body: "x" })).status).toBe(404);
    expect(text("expired")).toBeNull();
  });

  test("has one resource for a bucket's labels, of which the last can go", async () => {
    expect(await patchLabels({ a: "1", b: "2" })).toMatchObject({ labels: { a: "1", b: "2" } });
    expect(await patchLabels({ a: null })).toMatchObject({ labels: { b: "2" } });
    expect(await patchLabels({ b: null })).not.toHaveProperty("labels");
  });

  test("unpacks nothing, and takes nothing that it would have to unpack", async () => {
    const body = JSON.stringify({ name: "zipped", contentEncoding: "gzip" });
    const begun = await call("POST", `/upload${OBJECTS}?uploadType=resumable`, { body });
    const session = (begun.headers.get("location") ?? "").slice(storage.url.length);
    expect((await call("PUT", session, { body: "x" })).status).toBe(501);
    expect(text("zipped")).toBeNull();
  });

  test("keeps no older versions, and refuses a bucket that asks for them", async () => {
    expect(await askVersions("/apps-source", true)).toBe(501);
    expect(await askVersions("/apps-source", false)).toBe(200);
    expect(await askVersions("?project=demo", true, "POST")).toBe(501);
    expect(await askVersions("?project=demo", false, "POST")).toBe(200);
  });

  test.each([
    ["GET", "/storage/v1/b/none", 404, "notFound"],
    ["GET", "/storage/v1/b/none/o", 404, "notFound"],
    ["GET", `${OBJECTS}/none`, 404, "notFound"],
    ["GET", `${OBJECTS}?pageToken=nonsense`, 400, "invalid"],
    ["GET", `${OBJECTS}?softDeleted=true`, 501, "notImplemented"],
    ["GET", `${OBJECTS}?startOffset=a`, 501, "notImplemented"],
    ["POST", `${OBJECTS}/x/copyTo/b/apps-source/o/y`, 501, "notImplemented"],
    ["GET", "/storage/v1/b", 400, "invalid"],
    ["POST", "/storage/v1/b?project=demo", 400, "invalid"],
    ["POST", `/upload${OBJECTS}?uploadType=media`, 400, "invalid"],
    ["POST", `/upload${OBJECTS}?uploadType=media&name=..`, 400, "invalid"],
    ["POST", `/upload${OBJECTS}?uploadType=media&name=x&ifGenerationMatch=new`, 400, "invalid"],
    ["POST", `/upload${OBJECTS}?uploadType=multipart`, 400, "invalid"],
    ["POST", `/upload${OBJECTS}?uploadType=carrier`, 501, "notImplemented"],
    ["PATCH", `${OBJECTS}/x`, 501, "notImplemented"],
    ["POST", `${OBJECTS}/x/compose`, 400, "invalid"],
  ])("refuses %s %s with %i in its own form", async (method, path, code, reason) => {
    const refused = await call(method, path);
    expect(refused.status).toBe(code);
    expect(JSON.parse(refused.text)).toMatchObject({
      error: { code, errors: [{ domain: "global", reason }] },
    });
  });

  test("reads an object as it was, or not at all", async () => {
    await save("x", "1");
    const [{ generation = "" }] = await bucket().file("x").getMetadata();
    expect((await call("GET", `${OBJECTS}/x?ifGenerationMatch=${generation}`)).status).toBe(200);
    expect((await call("GET", `${OBJECTS}/x?ifGenerationMatch=1`)).status).toBe(412);
    expect((await call("GET", `${OBJECTS}/x?ifGenerationNotMatch=1`)).status).toBe(501);
    expect((await call("GET", `${OBJECTS}/x?generation=1`)).status).toBe(404);
  });
});

describe("the state", () => {
  test("survives a restart, content and all, with generations still rising", async () => {
    const persistence = memoryPersistence();
    const blobs = memoryBlobs();
    const before = await startStorage({ clock, persistence, blobs });
    const uri = await putObject(before, {
      project: "demo",
      bucket: "kept",
      name: "a/b",
      bytes: Buffer.from([0, 255]),
    });
    await before.close();
    const after = await startStorage({ clock, persistence, blobs });
    expect(uri).toBe("gs://kept/a/b");
    expect([...(after.read(uri) ?? [])]).toEqual([0, 255]);
    const again = new StorageClient({ apiEndpoint: after.url, projectId: "demo" })
      .bucket("kept")
      .file("a/b");
    const [{ generation: first }] = await again.getMetadata();
    await again.save("x", { resumable: false });
    const [{ generation: second }] = await again.getMetadata();
    expect(Number(second)).toBeGreaterThan(Number(first));
    await after.close();
  });

  test("is gone after a reset, and a URI of another kind names nothing", async () => {
    await putObject(storage, {
      project: "demo",
      bucket: "apps-source",
      name: "x",
      bytes: Buffer.from("x"),
    });
    expect(text("x")).toBe("x");
    expect(storage.read("https://apps-source/x")).toBeNull();
    storage.reset();
    expect(text("x")).toBeNull();
  });
});
