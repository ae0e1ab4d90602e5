import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import type { Image } from "../../infra/local/image.ts";
import {
  imageWith,
  OCI_MANIFEST,
  REPOSITORY,
  useClient,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const fixture = useRegistry();
const { registry, request } = fixture;
const client = useClient(fixture);

const AMD = { architecture: "amd64", os: "linux" };

/** Pushes to `acme/apps/<image>` and returns the digest. */
function push(image: string, built: Image, tag?: string): Promise<string> {
  return pushImage(`${registry().url}/acme/apps/${image}`, built, tag);
}

describe("versions and packages", () => {
  const parent = `${REPOSITORY}/packages/web`;

  test("are listed with what is known of them", async () => {
    const digest = await push("web", await imageWith("1"), "v1");
    const name = `${parent}/versions/${digest}`;
    const [basic] = await client().listVersions({ parent });
    expect(basic).toMatchObject([{ name, relatedTags: [], createTime: { nanos: 0 } }]);
    const [full] = await client().getVersion({ name, view: "FULL" });
    expect(full.relatedTags).toEqual([{ name: `${parent}/tags/v1`, version: name }]);
    expect(full.metadata?.fields).toMatchObject({
      mediaType: { stringValue: OCI_MANIFEST },
      name: { stringValue: `${REPOSITORY}/dockerImages/web@${digest}` },
    });
    await push("other", await imageWith("1"), "v1");
    const [packages] = await client().listPackages({ parent: REPOSITORY });
    expect(packages.map((one) => one.displayName)).toEqual(["web", "other"]);
    const filter = "name:/packages/oth";
    const [filtered] = await client().listPackages({ parent: REPOSITORY, filter });
    expect(filtered).toEqual(packages.slice(1));
    const [got] = await client().getPackage({ name: parent });
    expect(got).toEqual(packages[0]);
  });

  test("a tagged version is deleted by force alone, and the image goes with its last version", async () => {
    const digest = await push("web", await imageWith("1"), "v1");
    const name = `${parent}/versions/${digest}`;
    await expect(client().deleteVersion({ name })).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
    });
    const [deletion] = await client().deleteVersion({ name, force: true });
    await deletion.promise();
    await expect(client().getVersion({ name })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(client().getPackage({ name: parent })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    expect((await request("GET", `/v2/acme/apps/web/manifests/${digest}`)).status).toBe(404);
  });

  test("a package is deleted with all that is in it", async () => {
    const index = buildIndex([{ image: await imageWith("1"), platform: AMD }]);
    await push("web", index, "v1");
    const [deletion] = await client().deletePackage({ name: parent });
    await deletion.promise();
    const [images] = await client().listDockerImages({ parent: REPOSITORY });
    expect(images).toEqual([]);
    const [repository] = await client().getRepository({ name: REPOSITORY });
    expect(repository.sizeBytes).toBe("0");
  });
});
