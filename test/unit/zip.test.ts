import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readZip } from "../../emulators/cloud-functions/zip.ts";
import { zipOf } from "../support/zip.ts";

type Texts = readonly (readonly [string, string])[];

async function textsOf(bytes: Uint8Array): Promise<Texts> {
  const files = await readZip(bytes);
  return [...files].map(([path, content]) => [path, Buffer.from(content).toString()]);
}

describe("a zip archive", () => {
  test("is read with the files that it has", async () => {
    const texts = { "package.json": "{}", "lib/a.js": "1;".repeat(1000), empty: "" };
    expect(await textsOf(await zipOf(texts))).toEqual(Object.entries(texts));
  });

  test("of the same files has the same bytes, in any zone", async () => {
    const module = new URL("../../infra/platform/zip.ts", import.meta.url).href;
    const program = `
      const { zip } = await import(${JSON.stringify(module)});
      const bytes = await zip([{ name: "a", bytes: Buffer.from("1") }]);
      console.log(Buffer.from(bytes).toString("base64"));`;
    const words = ["--input-type=module", "--disable-warning=ExperimentalWarning", "-e", program];
    const archives = await Promise.all(
      ["Pacific/Auckland", "America/Lima"].map(async (zone) => {
        const env = { ...process.env, TZ: zone };
        return (await promisify(execFile)(process.execPath, words, { env })).stdout;
      }),
    );
    expect(archives[0]).toBe(archives[1]);
  });

  test.each(["../a", "/a", "a/../../b"])("with a file %s is refused", async (path) => {
    await expect(readZip(await zipOf({ [path]: "1" }))).rejects.toThrow(/filename/i);
  });

  test("that is damaged, cut or none is refused", async () => {
    const archive = await zipOf({ a: "some text" });
    const changed = Buffer.from(archive);
    changed.writeUInt8(changed.readUInt8(34) === 0 ? 1 : 0, 34);
    await expect(readZip(changed)).rejects.toThrow(Error);
    await expect(readZip(archive.subarray(0, archive.length - 1))).rejects.toThrow(Error);
    await expect(readZip(Buffer.from("hello"))).rejects.toThrow(Error);
  });
});
