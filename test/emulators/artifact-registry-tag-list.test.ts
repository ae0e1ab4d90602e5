import { describe, expect, test } from "vitest";
import { errorOf, useRegistry } from "./artifact-registry-fixture.ts";

const { request, pushManifest } = useRegistry();

const NAME = "acme/apps/web";

describe("a list of tags", () => {
  test("is sorted and comes in pages that link to the next", async () => {
    for (const tag of ["b", "a", "C", "_d"]) {
      await pushManifest(NAME, tag, "layer");
    }
    const all = await request("GET", `/v2/${NAME}/tags/list`);
    expect(await all.json()).toEqual({ name: NAME, tags: ["C", "_d", "a", "b"] });
    expect(all.headers.get("link")).toBeNull();
    const first = await request("GET", `/v2/${NAME}/tags/list?n=3`);
    expect(await first.json()).toEqual({ name: NAME, tags: ["C", "_d", "a"] });
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get("link") ?? "");
    const second = await request("GET", link?.[1] ?? "");
    expect(await second.json()).toEqual({ name: NAME, tags: ["b"] });
    expect(second.headers.get("link")).toBeNull();
  });

  test("has no tags for n=0, and refuses an n that is no number", async () => {
    await pushManifest(NAME, "v1", "layer");
    const none = await request("GET", `/v2/${NAME}/tags/list?n=0`);
    expect(await none.json()).toEqual({ name: NAME, tags: [] });
    expect(none.headers.get("link")).toBeNull();
    const refused = await request("GET", `/v2/${NAME}/tags/list?n=-1`);
    expect(await errorOf(refused)).toMatchObject({
      status: 400,
      code: "PAGINATION_NUMBER_INVALID",
    });
  });

  test("of an image that nobody pushed is unknown", async () => {
    const response = await request("GET", "/v2/acme/apps/nothing/tags/list");
    expect(await errorOf(response)).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
  });
});
