import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { directoryBlobs } from "../../emulators/kit/blob-store.ts";
import { startStorage, type Storage } from "../../emulators/storage/server.ts";
import { until } from "../support/until.ts";

const KIBIBYTE = 1024;
const OBJECTS = "storage/v1/b/parts/o";
const Stored = z.looseObject({ crc32c: z.string(), generation: z.string() });

let folder: string;
let storage: Storage;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "slipway-objects-"));
  storage = await startStorage({ blobs: directoryBlobs(folder, { isScratch: true }) });
  await send("POST", "storage/v1/b?project=demo", JSON.stringify({ name: "parts" }));
});
afterEach(async () => {
  await storage.close();
  rmSync(folder, { recursive: true });
});

type Answer = { readonly status: number; readonly body: unknown; readonly headers: Headers };

async function send(
  method: string,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const url = path.startsWith("http") ? path : `${storage.url}/${path}`;
  const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
  const told = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return { status: answer.status, body: isJson ? JSON.parse(told) : told, headers: answer.headers };
}

async function save(name: string, content: string): Promise<z.infer<typeof Stored>> {
  const query = `uploadType=media&name=${encodeURIComponent(name)}`;
  const { status, body } = await send("POST", `upload/${OBJECTS}?${query}`, content);
  expect(status).toBe(200);
  return Stored.parse(body);
}

function text(name: string): string | null {
  const bytes = storage.read(`gs://parts/${name}`);
  return bytes === null ? null : Buffer.from(bytes).toString();
}

/** What is kept of all contents, and what is on its way in. */
function files(part: "sha256" | "uploads" = "sha256"): readonly string[] {
  return readdirSync(join(folder, part));
}

async function compose(
  name: string,
  sources: readonly object[],
  destination = {},
): Promise<Answer> {
  const body = JSON.stringify({ sourceObjects: sources, destination });
  return send("POST", `${OBJECTS}/${name}/compose`, body);
}

describe("an object that is composed", () => {
  test("has the contents of others in their order, a CRC32C and no MD5", async () => {
    await save("a", "one ");
    const { crc32c } = await save("b", "two");
    const sources = [{ name: "a" }, { name: "b" }, { name: "a" }];
    const composed = await compose("all", sources, { contentType: "text/x", crc32c });
    expect(composed).toMatchObject({ status: 200, body: { size: "11", componentCount: 3 } });
    expect(composed.body).not.toHaveProperty("md5Hash");
    expect(Stored.parse(composed.body).crc32c).toBe((await save("same", "one twoone ")).crc32c);
    expect(text("all")).toBe("one twoone ");
    expect(await compose("all", [{ name: "all" }, { name: "b" }])).toMatchObject({
      body: { componentCount: 4 },
    });
    expect(
      (await send("GET", `${OBJECTS}/all?alt=media`)).headers.get("x-goog-hash"),
    ).not.toContain("md5");
  });

  test("has 32 sources at most, which are all there and as they were", async () => {
    const { generation } = await save("a", "1");
    const sources = Array.from({ length: 33 }, () => ({ name: "a" }));
    expect(await compose("x", sources)).toMatchObject({
      status: 400,
      body: {
        error: { message: expect.stringContaining("(33) exceeds the maximum (32)") as unknown },
      },
    });
    expect(await compose("x", [])).toMatchObject({ status: 400 });
    expect(await compose("x", [{ name: "a" }, { name: "none" }])).toMatchObject({ status: 404 });
    expect(await compose("x", [{ name: "a", generation: "1" }])).toMatchObject({ status: 404 });
    const changed = { name: "a", objectPreconditions: { ifGenerationMatch: "1" } };
    expect(await compose("x", [changed])).toMatchObject({ status: 412 });
    expect(text("x")).toBeNull();
    expect(files("uploads")).toEqual([]);
    expect(await compose("x", [...sources.slice(2), { name: "a", generation }])).toMatchObject({
      status: 200,
    });
    expect(text("x")).toBe("1".repeat(32));
  });
});

describe("a content", () => {
  test("is one file however many objects have it, and none when nobody has", async () => {
    await save("a", "the same");
    await save("b", "the same");
    const copied = await send("POST", `${OBJECTS}/a/rewriteTo/b/parts/o/c`, "{}");
    expect(copied.status).toBe(200);
    expect(files()).toHaveLength(1);
    await send("DELETE", `${OBJECTS}/a`);
    await send("DELETE", `${OBJECTS}/b`);
    await save("c", "the same");
    expect(text("c")).toBe("the same");
    await save("c", "another");
    await until(
      "the first is gone",
      async () => Promise.resolve(files()),
      (now) => now.length === 1,
    );
    expect(text("c")).toBe("another");
  });

  test("is in its folder whatever its object is called", async () => {
    for (const name of ["../../up", "a/../b", "/etc/x", "C:\\x"]) {
      await save(name, name);
      expect(text(name)).toBe(name);
    }
    expect(existsSync(join(folder, "..", "up"))).toBe(false);
    expect(files()).toHaveLength(4);
  });

  test("that is refused leaves nothing behind", async () => {
    const wrong = { "x-goog-hash": "crc32c=AAAAAA==" };
    const refused = await send("POST", `upload/${OBJECTS}?uploadType=media&name=x`, "hello", wrong);
    expect(refused.status).toBe(400);
    expect([...files(), ...files("uploads")]).toEqual([]);
  });
});

async function begin(): Promise<string> {
  const begun = await send("POST", `upload/${OBJECTS}?uploadType=resumable&name=big`);
  return begun.headers.get("location") ?? "";
}

describe("an upload that is cut in the middle", () => {
  const content = "0123456789abcdef".repeat(64 * KIBIBYTE);
  const total = content.length;

  async function ask(session: string): Promise<readonly [number, string | null]> {
    const { status, headers } = await send("PUT", session, "", {
      "content-range": `bytes */${total}`,
    });
    return [status, headers.get("range")];
  }

  test("keeps what came in whole units, goes on from there, and is no failure here", async () => {
    const warned: string[] = [];
    const listen = (warning: Error): void => void warned.push(warning.name);
    process.on("warning", listen);
    const session = await begin();
    const { port, pathname, search } = new URL(session);
    const socket = connect(Number(port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `PUT ${pathname}${search} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${total}\r\ncontent-range: bytes 0-${total - 1}/${total}\r\n\r\n${content.slice(0, 600 * KIBIBYTE)}`,
    );
    const kept = 512 * KIBIBYTE;
    await until(
      "as much has come",
      async () => ask(session),
      ([status, range]) => status === 409 || range !== null,
    );
    socket.destroy();
    await until(
      "the session is free",
      async () => ask(session),
      ([status, range]) => status === 308 && range === `bytes=0-${kept - 1}`,
    );
    expect(text("big")).toBeNull();
    // From before what is known: what came already may come again.
    const from = kept - 1000;
    const range = `bytes ${from}-${total - 1}/${total}`;
    const rest = await send("PUT", session, content.slice(from), { "content-range": range });
    expect(rest).toMatchObject({ status: 200, body: { size: String(total) } });
    process.off("warning", listen);
    expect(warned).not.toContain("EmulatorFailure");
    expect(text("big")).toBe(content);
    expect(files("uploads")).toEqual([]);
  });

  test("is not taken for whole when the last chunk is short", async () => {
    const session = await begin();
    const range = `bytes 0-${total - 1}/${total}`;
    const short = await send("PUT", session, content.slice(1), { "content-range": range });
    expect(short.status).toBe(308);
    expect(text("big")).toBeNull();
  });
});
