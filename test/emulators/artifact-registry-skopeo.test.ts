import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildImage } from "../../infra/local/image.ts";
import { buildIndex, writeImageLayout } from "../support/image-shapes.ts";
import { isMissing } from "../support/needs.ts";
import { URI, useRegistry } from "./artifact-registry-fixture.ts";

const isSkipped = isMissing("skopeo", ["skopeo", "--version"]);

const { registry, request, published } = useRegistry();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "artifact-registry-skopeo-"));
});

afterEach(() => rm(folder, { recursive: true }));

async function skopeo(...parameters: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("skopeo", parameters);
  return stdout;
}

function remote(name: string): string {
  return `docker://127.0.0.1:${registry().port}/${name}`;
}

describe.skipIf(isSkipped)("skopeo", () => {
  test("copies an image there and back, and sees what is in it", async () => {
    const image = await buildImage({ env: { A: "1" }, labels: { b: "2" } });
    await writeImageLayout(join(folder, "in"), image, "v1");
    const name = remote("acme/apps/team/web");
    await skopeo("copy", "--dest-tls-verify=false", `oci:${folder}/in:v1`, `${name}:v1`);
    expect(registry().images.find(`${URI}/team/web:v1`)).toEqual({
      digest: image.manifest.digest,
      tags: ["v1"],
      config: { env: ["A=1"], labels: { b: "2" } },
      runsOn: { platforms: ["linux/amd64"], index: null },
    });
    expect(published().map(({ body }) => body)).toEqual([
      {
        action: "INSERT",
        digest: `${URI}/team/web@${image.manifest.digest}`,
        tag: `${URI}/team/web:v1`,
      },
    ]);
    const inspected: unknown = JSON.parse(
      await skopeo("inspect", "--tls-verify=false", `${name}:v1`),
    );
    expect(inspected).toMatchObject({ Digest: image.manifest.digest, RepoTags: ["v1"] });
    const tags: unknown = JSON.parse(await skopeo("list-tags", "--tls-verify=false", name));
    expect(tags).toMatchObject({ Tags: ["v1"] });
    await skopeo("copy", "--src-tls-verify=false", `${name}:v1`, `oci:${folder}/out:v1`);
    const [inIndex, outIndex] = await Promise.all(
      ["in", "out"].map((one) => readFile(join(folder, one, "index.json"), "utf8")),
    );
    expect(inIndex).toContain(image.manifest.digest);
    expect(outIndex).toContain(image.manifest.digest);
  });

  test("copies all images of an index, also from one name to another", async () => {
    const platform = { architecture: "arm64", os: "linux" };
    const index = buildIndex([
      { image: await buildImage(), platform: { architecture: "amd64", os: "linux" } },
      { image: await buildImage({ platform }), platform },
    ]);
    await writeImageLayout(join(folder, "in"), index, "v1");
    const both = ["--src-tls-verify=false", "--dest-tls-verify=false"];
    const first = remote("acme/apps/web:v1");
    const second = remote("acme/apps/mirror:v1");
    await skopeo("copy", "--all", ...both, `oci:${folder}/in:v1`, first);
    await skopeo("copy", "--all", ...both, first, second);
    for (const name of ["web", "mirror"]) {
      const { digest } = index.manifest;
      expect(registry().images.find(`${URI}/${name}:v1`)?.digest).toBe(digest);
    }
    expect(published()).toHaveLength(6);
  });

  test("pushes in docker's own format", async () => {
    await writeImageLayout(join(folder, "in"), await buildImage(), "v1");
    const format = ["--format", "v2s2", "--dest-tls-verify=false"];
    await skopeo("copy", ...format, `oci:${folder}/in:v1`, remote("acme/apps/web:v1"));
    const head = await request("HEAD", "/v2/acme/apps/web/manifests/v1");
    expect(head.headers.get("content-type")).toBe(
      "application/vnd.docker.distribution.manifest.v2+json",
    );
  });

  test("deletes a manifest, but not while it is tagged", async () => {
    const image = await buildImage();
    await writeImageLayout(join(folder, "in"), image, "v1");
    const name = remote("acme/apps/web");
    await skopeo("copy", "--dest-tls-verify=false", `oci:${folder}/in:v1`, `${name}:v1`);
    const tagged = skopeo("delete", "--tls-verify=false", `${name}:v1`);
    await expect(tagged).rejects.toThrow("GOOGLE_MANIFEST_DANGLING_TAG");
    await request("DELETE", "/v2/acme/apps/web/manifests/v1");
    await skopeo("delete", "--tls-verify=false", `${name}@${image.manifest.digest}`);
    expect(registry().images.find(`${URI}/web@${image.manifest.digest}`)).toBeNull();
    expect(published().at(-1)?.body).toEqual({
      action: "DELETE",
      digest: `${URI}/web@${image.manifest.digest}`,
    });
  });

  test("is told which repositories there are", async () => {
    await writeImageLayout(join(folder, "in"), await buildImage(), "v1");
    const target = remote("acme/nothing/web:v1");
    const copy = skopeo("copy", "--dest-tls-verify=false", `oci:${folder}/in:v1`, target);
    await expect(copy).rejects.toThrow(URI);
  });
});
