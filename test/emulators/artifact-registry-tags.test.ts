import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { pushImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import { imageWith, REPOSITORY, URI, useClient, useRegistry } from "./artifact-registry-fixture.ts";

const fixture = useRegistry();
const { registry } = fixture;
const client = useClient(fixture);

/** Pushes to `acme/apps/<image>` and returns the digest. */
function push(image: string, built: Image, tag?: string): Promise<string> {
  return pushImage(`${registry().url}/acme/apps/${image}`, built, tag);
}

describe("tags", () => {
  const parent = `${REPOSITORY}/packages/team%2Fweb`;

  test("are listed, filtered and got", async () => {
    const one = await push("team/web", await imageWith("1"), "v1");
    const two = await push("team/web", await imageWith("2"), "v2");
    await push("team/web", await imageWith("2"), "main");
    const [tags] = await client().listTags({ parent });
    expect(tags).toEqual([
      { name: `${parent}/tags/v1`, version: `${parent}/versions/${one}` },
      { name: `${parent}/tags/v2`, version: `${parent}/versions/${two}` },
      { name: `${parent}/tags/main`, version: `${parent}/versions/${two}` },
    ]);
    const [byName] = await client().listTags({ parent, filter: 'name:"/tags/v"' });
    expect(byName).toEqual(tags.slice(0, 2));
    const filter = `version="${parent}/versions/${two}"`;
    const [byVersion] = await client().listTags({ parent, filter });
    expect(byVersion).toEqual(tags.slice(1));
    const [got] = await client().getTag({ name: `${parent}/tags/v1` });
    expect(got).toEqual(tags[0]);
    const missing = client().getTag({ name: `${parent}/tags/v3` });
    await expect(missing).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test("are created, moved and deleted", async () => {
    const one = await push("team/web", await imageWith("1"), "v1");
    const two = await push("team/web", await imageWith("2"), "v2");
    const name = `${parent}/tags/live`;
    const toOne = { name, version: `${parent}/versions/${one}` };
    const toTwo = { name, version: `${parent}/versions/${two}` };
    await client().createTag({ parent, tagId: "live", tag: toOne });
    const again = client().createTag({ parent, tagId: "live", tag: toTwo });
    await expect(again).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    expect(registry().images.find(`${URI}/team/web:live`)?.digest).toBe(one);
    await client().updateTag({ tag: toTwo, updateMask: { paths: ["version"] } });
    expect(registry().images.find(`${URI}/team/web:live`)?.digest).toBe(two);
    await client().deleteTag({ name });
    expect(registry().images.find(`${URI}/team/web:live`)).toBeNull();
    await expect(client().deleteTag({ name })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  test("are refused on a version that is not there or of another image", async () => {
    const one = await push("team/web", await imageWith("1"), "v1");
    const other = await push("other", await imageWith("2"), "v1");
    const create = (version: string, tagId = "live"): Promise<unknown> =>
      client().createTag({ parent, tagId, tag: { version } });
    const missing = create(`${parent}/versions/${other}`);
    await expect(missing).rejects.toMatchObject({ code: status.NOT_FOUND });
    const foreign = create(`${REPOSITORY}/packages/other/versions/${other}`);
    await expect(foreign).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const malformed = create(`${parent}/versions/${one}`, "-live");
    await expect(malformed).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});
