import { describe, expect, test } from "vitest";
import { readZip } from "../../emulators/cloud-functions/zip.ts";
import { toZip } from "../support/zip.ts";

function textsOf(bytes: Uint8Array): readonly (readonly [string, string])[] {
  return readZip(bytes).map(({ path, bytes: content }) => [path, Buffer.from(content).toString()]);
}

describe("a zip archive", () => {
  test("is read with the files that it has", () => {
    const zip = toZip({ "package.json": "{}", "lib/a.js": "1;".repeat(1000), empty: "" });
    expect(textsOf(zip)).toEqual([
      ["package.json", "{}"],
      ["lib/a.js", "1;".repeat(1000)],
      ["empty", ""],
    ]);
  });

  test("is read with a comment behind it", () => {
    const zip = Buffer.from(toZip({ a: "1" }));
    zip.writeUInt16LE(5, zip.length - 2);
    expect(textsOf(Buffer.concat([zip, Buffer.from("hello")]))).toEqual([["a", "1"]]);
  });

  test.each(["../a", "/a", "a/../../b", String.raw`a\b`])("with a file %s is refused", (path) => {
    expect(() => readZip(toZip({ [path]: "1" }))).toThrow("leads out of the archive");
  });

  test("that is damaged, cut or none is refused", () => {
    const zip = Buffer.from(toZip({ a: "some text" }));
    const changed = Buffer.from(zip);
    changed.writeUInt8(changed.readUInt8(34) === 0 ? 1 : 0, 34);
    expect(() => readZip(changed)).toThrow(/damaged|invalid|unexpected/);
    expect(() => readZip(zip.subarray(0, zip.length - 1))).toThrow("no zip archive");
    expect(() => readZip(Buffer.from("hello"))).toThrow("no zip archive");
  });
});
