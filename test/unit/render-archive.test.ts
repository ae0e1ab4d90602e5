import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { describe, expect, test } from "vitest";
import { packArchive } from "../../infra/render/archive.ts";
import { BASE, render, withLines } from "./render-support.ts";
import { edit } from "./spec-support.ts";

describe("the archive", () => {
  const files = [
    { path: "skaffold.yaml", text: "kind: Config\n" },
    { path: "manifests/dev.yaml", text: "kind: Service\nname: grüße\n" },
  ];

  test("holds the files, made by nobody at no time", async () => {
    const entries = extract();
    entries.end(gunzipSync(await packArchive(files)));
    const found: string[] = [];
    for await (const entry of entries) {
      const { name, mtime, uid, mode } = entry.header;
      found.push(`${name} ${mtime?.getTime()} ${uid} ${mode?.toString(8)}`);
      entry.resume();
    }
    expect(found).toEqual(["skaffold.yaml 0 0 644", "manifests/dev.yaml 0 0 644"]);
  });

  test("of the same files has the same bytes", async () => {
    expect(await packArchive(files)).toEqual(await packArchive(structuredClone(files)));
  });

  test("does not depend on the order in which a specification has its keys", () => {
    const one = withLines("env: {A: '1', B: '2'}", "secretEnv: {C: c, D: d}");
    const other = withLines("secretEnv: {D: d, C: c}", "env: {B: '2', A: '1'}");
    expect(render(other)).toEqual(render(one));
  });

  test("does not change with what its revision does not cover", () => {
    const other = edit(BASE, ["owners: [team]", "name: Web\n  owners: [others]"]);
    expect(render(other)).toEqual(render(BASE));
  });
});
