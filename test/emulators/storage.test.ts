import { Storage as StorageClient } from "@google-cloud/storage";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock } from "../support/manual-clock.ts";
import { startStorage, type Storage } from "../../emulators/storage/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const KIBIBYTE = 1024;

let storage: Storage;
let client: StorageClient;
beforeEach(async () => {
  storage = await startStorage({ clock: manualClock() });
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

describe("buckets, by the real client", () => {
  test("are made, found and listed by project and prefix", async () => {
    await client.createBucket("other");
    const [metadata] = await bucket().getMetadata();
    expect(metadata).toMatchObject({
      kind: "storage#bucket",
      id: "apps-source",
      location: "US-CENTRAL1",
      timeCreated: "2026-11-20T10:00:00.000Z",
    });
    const [found] = await client.getBuckets({ prefix: "apps" });
    expect(found.map(({ id }) => id)).toEqual(["apps-source"]);
    const elsewhere = new StorageClient({ apiEndpoint: storage.url, projectId: "elsewhere" });
    expect((await elsewhere.getBuckets())[0]).toEqual([]);
    expect(await client.bucket("none").exists()).toEqual([false]);
  });

  test("are listed page by page", async () => {
    await client.createBucket("b-2");
    await client.createBucket("b-3");
    const [first, next] = await client.getBuckets({ maxResults: 2, autoPaginate: false });
    expect(first.map(({ name }) => name)).toEqual(["apps-source", "b-2"]);
    const [second] = await client.getBuckets({ ...next, autoPaginate: false });
    expect(second.map(({ name }) => name)).toEqual(["b-3"]);
  });

  test("are refused when there is one already, or the name is not allowed", async () => {
    await expect(client.createBucket("apps-source")).rejects.toMatchObject({ code: 409 });
    for (const name of ["ab", "Apps", "-apps", "apps-", "a".repeat(64)]) {
      await expect(client.createBucket(name)).rejects.toMatchObject({ code: 400 });
    }
  });
});

describe("objects, by the real client", () => {
  test("come back as they were stored, with their facts", async () => {
    const file = bucket().file("source/a b+ü.txt");
    await file.save("hello", {
      resumable: false,
      contentType: "text/plain",
      metadata: { cacheControl: "no-cache", metadata: { release: "r1" } },
    });
    const [content] = await file.download();
    expect(content.toString()).toBe("hello");
    const [metadata] = await file.getMetadata();
    expect(metadata).toMatchObject({
      kind: "storage#object",
      name: "source/a b+ü.txt",
      bucket: "apps-source",
      contentType: "text/plain",
      cacheControl: "no-cache",
      metadata: { release: "r1" },
      size: "5",
      md5Hash: "XUFAKrxLKna5cZ2REBfFkg==",
      crc32c: "mnG7TA==",
      generation: "1795168800000000",
      metageneration: "1",
      timeCreated: "2026-11-20T10:00:00.000Z",
    });
    expect(text("source/a b+ü.txt")).toBe("hello");
  });

  test.each([
    ["in one piece", {}],
    ["in chunks", { chunkSize: 256 * KIBIBYTE }],
  ])("are uploaded resumably %s", async (_, options) => {
    const content = Buffer.from(Array.from({ length: 700 * KIBIBYTE }, (__, index) => index % 251));
    await bucket()
      .file("big")
      .save(content, { resumable: true, contentType: "a/b", ...options });
    expect(Buffer.compare(storage.read("gs://apps-source/big") ?? new Uint8Array(), content)).toBe(
      0,
    );
    expect((await bucket().file("big").getMetadata())[0]).toMatchObject({ contentType: "a/b" });
  });

  test("are read in part", async () => {
    await save("digits", "0123456789");
    expect((await bucket().file("digits").download({ start: 2, end: 4 }))[0].toString()).toBe(
      "234",
    );
    expect((await bucket().file("digits").download({ start: 8 }))[0].toString()).toBe("89");
    await expect(bucket().file("digits").download({ start: 10 })).rejects.toMatchObject({
      code: 416,
    });
  });

  test("are listed with prefix and delimiter, page by page", async () => {
    for (const name of ["b/1", "a", "b/2", "b/c/3", "é", "z"]) {
      await save(name, name);
    }
    async function list(options: object): Promise<unknown> {
      const [files, , answer] = await bucket().getFiles({ autoPaginate: false, ...options });
      const prefixes =
        answer !== null && typeof answer === "object" && "prefixes" in answer
          ? answer.prefixes
          : [];
      return { names: files.map(({ name }) => name), prefixes };
    }
    expect(await list({})).toEqual({ names: ["a", "b/1", "b/2", "b/c/3", "z", "é"], prefixes: [] });
    expect(await list({ delimiter: "/" })).toEqual({ names: ["a", "z", "é"], prefixes: ["b/"] });
    expect(await list({ delimiter: "/", prefix: "b/" })).toEqual({
      names: ["b/1", "b/2"],
      prefixes: ["b/c/"],
    });
    const [first, next] = await bucket().getFiles({ maxResults: 4, autoPaginate: false });
    const [rest] = await bucket().getFiles({ ...next, maxResults: 4, autoPaginate: false });
    expect([first.length, rest.map(({ name }) => name)]).toEqual([4, ["z", "é"]]);
  });

  test("are copied and deleted", async () => {
    await save("from", "content");
    const [copied] = await bucket().file("from").copy(bucket().file("to"));
    expect(copied.name).toBe("to");
    await bucket().file("from").delete();
    expect(text("to")).toBe("content");
    expect(text("from")).toBeNull();
    await expect(bucket().file("from").delete()).rejects.toMatchObject({ code: 404 });
    await expect(bucket().file("from").download()).rejects.toMatchObject({ code: 404 });
    await expect(bucket().file("from").copy(bucket().file("to"))).rejects.toMatchObject({
      code: 404,
    });
  });

  test("keep the newest of racing writes only if its precondition holds", async () => {
    const file = bucket().file("lock");
    await file.save("1", { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    for (const resumable of [true, false]) {
      const again = file.save("2", { resumable, preconditionOpts: { ifGenerationMatch: 0 } });
      await expect(again).rejects.toMatchObject({ code: 412 });
    }
    const [{ generation = "" }] = await file.getMetadata();
    await file.save("3", { resumable: false, preconditionOpts: { ifGenerationMatch: generation } });
    expect(text("lock")).toBe("3");
    const stale = file.delete({ ifGenerationMatch: generation });
    await expect(stale).rejects.toMatchObject({ code: 412 });
    const [{ generation: later = "" }] = await file.getMetadata();
    expect(Number(later)).toBeGreaterThan(Number(generation));
    await file.delete({ ifGenerationMatch: later });
    expect(text("lock")).toBeNull();
  });

  test("are there although the answer was lost", async () => {
    storage.faults.add({ method: "objects.insert", call: 1, kind: "drop-after" });
    const noRetry = new StorageClient({
      apiEndpoint: storage.url,
      projectId: "demo",
      retryOptions: { autoRetry: false },
    });
    const lost = noRetry.bucket("apps-source").file("once").save("x", { resumable: false });
    await expect(lost).rejects.toThrow(
      /socket hang up|ECONNRESET|other side closed|fetch failed|Premature close/,
    );
    expect(text("once")).toBe("x");
    expect(storage.faults.calls("objects.insert")).toBe(1);
  });
});
