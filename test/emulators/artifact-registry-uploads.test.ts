import { describe, expect, test, vi } from "vitest";
import { digestOf } from "../../emulators/kit/blob-store.ts";
import { errorOf, useRegistry } from "./artifact-registry-fixture.ts";

const fixture = useRegistry({ blobSizeMaxBytes: 16 });
const { request, uploadBlob } = fixture;

const NAME = "acme/apps/web";
const TEXT = "hello, world";
const DIGEST = digestOf(TEXT);

async function beginUpload(name = NAME): Promise<string> {
  const response = await request("POST", `/v2/${name}/blobs/uploads/`);
  expect(response.status).toBe(202);
  return response.headers.get("location") ?? "";
}

describe("a blob upload", () => {
  test("takes a whole blob in one POST", async () => {
    const path = `/v2/${NAME}/blobs/uploads/?digest=${DIGEST}`;
    const response = await request("POST", path, { body: TEXT });
    expect(response.status).toBe(201);
    expect(response.headers.get("location")).toBe(`/v2/${NAME}/blobs/${DIGEST}`);
    expect(response.headers.get("docker-content-digest")).toBe(DIGEST);
    expect(await (await request("GET", `/v2/${NAME}/blobs/${DIGEST}`)).text()).toBe(TEXT);
  });

  test("takes a blob by its sha512, and not by that of another", async () => {
    const long = digestOf(TEXT, "sha512:");
    expect(long).toMatch(/^sha512:[0-9a-f]{128}$/);
    const path = `/v2/${NAME}/blobs/uploads/?digest=${long}`;
    const other = await request("POST", path, { body: "other" });
    expect(await errorOf(other)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    expect((await request("POST", path, { body: TEXT })).status).toBe(201);
    expect(await (await request("GET", `/v2/${NAME}/blobs/${long}`)).text()).toBe(TEXT);
    const short = await request("HEAD", `/v2/${NAME}/blobs/${long.slice(0, -1)}`);
    expect(short.status).toBe(400);
  });

  test("takes a whole blob in a POST and a PUT", async () => {
    const location = await beginUpload();
    const response = await request("PUT", `${location}?digest=${DIGEST}`, { body: TEXT });
    expect(response.status).toBe(201);
    expect((await request("HEAD", `/v2/${NAME}/blobs/${DIGEST}`)).status).toBe(200);
  });

  test("takes a blob as docker sends it: a stream without a range, then an empty PUT", async () => {
    const location = await beginUpload();
    const body = new Blob(["hello", ", ", "world"]).stream();
    const patched = await request("PATCH", location, { body });
    expect(patched.status).toBe(202);
    expect(patched.headers.get("range")).toBe("0-11");
    const finished = await request("PUT", `${location}?digest=${DIGEST}`);
    expect(finished.status).toBe(201);
    expect(await (await request("GET", `/v2/${NAME}/blobs/${DIGEST}`)).text()).toBe(TEXT);
  });

  test("takes chunks in order, tells where it is, and takes the last chunk with the PUT", async () => {
    const location = await beginUpload();
    const first = await request("PATCH", location, {
      body: "hello",
      headers: { "content-range": "0-4" },
    });
    expect([first.status, first.headers.get("range")]).toEqual([202, "0-4"]);
    const status = await request("GET", location);
    expect([status.status, status.headers.get("range")]).toEqual([204, "0-4"]);
    expect(status.headers.get("location")).toBe(location);
    const finished = await request("PUT", `${location}?digest=${DIGEST}`, {
      body: ", world",
      headers: { "content-range": "5-11" },
    });
    expect(finished.status).toBe(201);
    expect(await (await request("GET", `/v2/${NAME}/blobs/${DIGEST}`)).text()).toBe(TEXT);
  });

  test.each(["4-8", "6-10", "0-4"])(
    "answers 416 to the range %s after five bytes",
    async (range) => {
      const location = await beginUpload();
      await request("PATCH", location, { body: "hello", headers: { "content-range": "0-4" } });
      const response = await request("PATCH", location, {
        body: "xxxxx",
        headers: { "content-range": range },
      });
      expect(response.headers.get("range")).toBe("0-4");
      expect(await errorOf(response)).toMatchObject({ status: 416, code: "BLOB_UPLOAD_INVALID" });
      const finished = await request("PUT", `${location}?digest=${digestOf("hello")}`);
      expect(finished.status).toBe(201);
    },
  );

  test("refuses a range that is none, and one that the body does not fill", async () => {
    const location = await beginUpload();
    const headers = { "content-range": "zero-four" };
    const malformed = await request("PATCH", location, { body: "hello", headers });
    expect(await errorOf(malformed)).toMatchObject({ status: 400, code: "BLOB_UPLOAD_INVALID" });
    const short = await request("PATCH", location, {
      body: "hello",
      headers: { "content-range": "0-9" },
    });
    expect(await errorOf(short)).toMatchObject({ status: 400, code: "SIZE_INVALID" });
    expect((await request("GET", location)).status).toBe(404);
  });

  test("refuses content that does not match its digest, and keeps nothing of it", async () => {
    const path = `/v2/${NAME}/blobs/uploads/?digest=${DIGEST}`;
    const posted = await request("POST", path, { body: "hello, w0rld" });
    expect(await errorOf(posted)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    const location = await beginUpload();
    const put = await request("PUT", `${location}?digest=${DIGEST}`, { body: "other" });
    expect(await errorOf(put)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    expect((await request("GET", location)).status).toBe(404);
    expect((await request("HEAD", `/v2/${NAME}/blobs/${DIGEST}`)).status).toBe(404);
  });

  test.each(["", "?digest=sha256:abc", "?digest=md5:d41d8cd98f00b204e9800998ecf8427e"])(
    "goes on after a PUT with no usable digest: %j",
    async (query) => {
      const location = await beginUpload();
      const refused = await request("PUT", `${location}${query}`, { body: TEXT });
      expect(await errorOf(refused)).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
      const finished = await request("PUT", `${location}?digest=${DIGEST}`, { body: TEXT });
      expect(finished.status).toBe(201);
    },
  );

  test("belongs to the image that it was begun for", async () => {
    const location = (await beginUpload()).replace("apps/web", "apps/other");
    expect(await errorOf(await request("GET", location))).toMatchObject({
      status: 404,
      code: "BLOB_UPLOAD_UNKNOWN",
    });
  });

  test("is forgotten an hour after it was last used, and not a moment earlier", async () => {
    const location = await beginUpload();
    await fixture.clock().advance(3_600_000);
    await beginUpload();
    expect((await request("GET", location)).status).toBe(204);
    await fixture.clock().advance(3_600_001);
    await beginUpload();
    expect((await request("GET", location)).status).toBe(404);
  });

  test("can be resumed after its connection was lost, and has one writer at a time", async () => {
    const location = await beginUpload();
    let send: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (send = controller),
    });
    const lost = request("PATCH", location, { body });
    send?.enqueue(Buffer.from("hello"));
    await vi.waitFor(async () => {
      expect((await request("GET", location)).headers.get("range")).toBe("0-4");
    });
    const second = await request("PATCH", location, { body: ", world" });
    expect(await errorOf(second)).toMatchObject({ status: 400, code: "BLOB_UPLOAD_INVALID" });
    send?.error(new Error("the connection is lost"));
    await expect(lost).rejects.toThrow("fetch failed");
    const headers = { "content-range": "5-11" };
    await vi.waitFor(async () => {
      const resumed = await request("PATCH", location, { body: ", world", headers });
      expect(resumed.status).toBe(202);
    });
    expect((await request("PUT", `${location}?digest=${DIGEST}`)).status).toBe(201);
  });

  test("is refused while a thousand others are under way", async () => {
    const locations = await Promise.all(Array.from({ length: 1000 }, () => beginUpload()));
    const refused = await request("POST", `/v2/${NAME}/blobs/uploads/`);
    expect(await errorOf(refused)).toMatchObject({ status: 429, code: "TOOMANYREQUESTS" });
    await request("PUT", `${locations[0]}?digest=${digestOf("")}`);
    await beginUpload();
  });

  test("may have as many bytes as the limit, and none more", async () => {
    await uploadBlob(NAME, "x".repeat(16));
    const body = "x".repeat(17);
    const path = `/v2/${NAME}/blobs/uploads/?digest=${digestOf(body)}`;
    const response = await request("POST", path, { body });
    expect(await errorOf(response)).toMatchObject({ status: 413, code: "SIZE_INVALID" });
  });

  test("may be empty", async () => {
    const digest = await uploadBlob(NAME, "");
    const response = await request("GET", `/v2/${NAME}/blobs/${digest}`);
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
