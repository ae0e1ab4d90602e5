import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Digest } from "../../../shared/domain/ids.ts";
import type { ImageView, Registry } from "../../../shared/ports/registry.ts";
import { aDigest, aService } from "../builders.ts";
import { present } from "../present.ts";

/** A registry to be tried out. */
export type OpenRegistry = {
  readonly registry: Registry;
  /** Pushes the numbered image with a tag, a second after whatever came before. Gives its digest. */
  readonly push: (repository: string, number: number, tag: string) => Promise<Digest>;
  /** Pushes an image with those labels. Gives its digest. */
  readonly pushLabelled: (
    repository: string,
    labels: Readonly<Record<string, string>>,
  ) => Promise<Digest>;
  /** Pushes a Helm chart. Gives its digest. */
  readonly pushChart: (repository: string) => Promise<Digest>;
  readonly close: () => Promise<void>;
};

const WEB = aService().image;
const NESTED = "us-central1-docker.pkg.dev/slipway/apps/team/web";
const FIXED_WIDTH = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** What every registry must do. */
export function registryContract(name: string, open: () => Promise<OpenRegistry>): void {
  describe(`the registry ${name}`, () => {
    let opened: OpenRegistry;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => opened.close());

    async function digestsSince(
      changedAfter: string | null,
      limit = 10,
    ): Promise<readonly string[]> {
      const images = await opened.registry.listImages(WEB, { changedAfter, limit });
      return images.map(({ digest }) => digest);
    }

    async function get(digest: Digest, repository = WEB): Promise<ImageView> {
      return present(await opened.registry.getImage(repository, digest), digest);
    }

    test("an image that was pushed is there with its tags and when it came", async () => {
      const digest = await opened.push(WEB, 1, "v1");
      const image = await get(digest);
      expect(image).toEqual({
        digest,
        tags: ["v1"],
        uploadedAt: image.uploadedAt,
        updatedAt: image.updatedAt,
      });
      expect(image.uploadedAt).toMatch(FIXED_WIDTH);
    });

    test("an image that nobody pushed is null", async () => {
      await opened.push(WEB, 1, "v1");
      expect(await opened.registry.getImage(WEB, aDigest(9))).toBeNull();
      expect(await opened.registry.getImage(NESTED, aDigest(9))).toBeNull();
    });

    test("a tag that moves leaves the image that had it", async () => {
      const old = await opened.push(WEB, 1, "main");
      const moved = await opened.push(WEB, 2, "main");
      expect((await get(old)).tags).toEqual([]);
      expect((await get(moved)).tags).toEqual(["main"]);
    });

    test("an image's repository may have slashes", async () => {
      const digest = await opened.push(NESTED, 1, "v1");
      expect((await get(digest, NESTED)).tags).toEqual(["v1"]);
      const listed = await opened.registry.listImages(NESTED, { changedAfter: null, limit: 5 });
      expect(listed).toEqual([await get(digest, NESTED)]);
      expect(await digestsSince(null)).toEqual([]);
    });

    test("images come newest first, at most as many as asked for", async () => {
      const pushed: string[] = [];
      for (const number of [1, 2, 3]) {
        pushed.unshift(await opened.push(WEB, number, `v${number}`));
      }
      expect(await digestsSince(null)).toEqual(pushed);
      expect(await digestsSince(null, 2)).toEqual(pushed.slice(0, 2));
    });

    test("only images changed after a moment come, and it counts to the nanosecond", async () => {
      const first = await opened.push(WEB, 1, "v1");
      const second = await opened.push(WEB, 2, "v2");
      const { updatedAt: uploadedAt } = await get(first);
      expect(await digestsSince(uploadedAt)).toEqual([second]);
      const justBefore = uploadedAt.replace(/\d{10}Z$/, "0000000000Z").replace("T", "S");
      expect(justBefore < uploadedAt).toBe(true);
      expect(await digestsSince(justBefore)).toEqual([second, first]);
    });

    test("an older image that gets a tag comes first again", async () => {
      const first = await opened.push(WEB, 1, "v1");
      const second = await opened.push(WEB, 2, "v2");
      const { updatedAt } = await get(second);
      expect(await opened.push(WEB, 1, "v3")).toBe(first);
      expect(await digestsSince(updatedAt)).toEqual([first]);
      expect(await digestsSince(null)).toEqual([first, second]);
      expect((await get(first)).tags.toSorted()).toEqual(["v1", "v3"]);
    });

    test("a tag is found on the image that has it now", async () => {
      await opened.push(WEB, 1, "main");
      const second = await opened.push(WEB, 2, "main");
      expect(await opened.registry.findTag(WEB, "main")).toBe(second);
      expect(await opened.registry.findTag(WEB, "other")).toBeNull();
      expect(await opened.registry.findTag(NESTED, "main")).toBeNull();
    });

    test("what a list shows of an image is what the image shows of itself", async () => {
      const digest = await opened.push(WEB, 1, "v1");
      const [listed] = await opened.registry.listImages(WEB, { changedAfter: null, limit: 1 });
      expect(listed).toEqual(await get(digest));
    });

    test("an image says by its labels who made it and of which commit", async () => {
      const digest = await opened.pushLabelled(NESTED, {
        "org.opencontainers.image.authors": "Ann Other <Ann@Example.com>, bob+ci@example.com",
        "org.opencontainers.image.revision": "0123456789abcdef",
      });
      expect(await opened.registry.inspect(NESTED, digest)).toEqual({
        kind: "runnable",
        authors: ["ann@example.com", "bob+ci@example.com"],
        commit: "0123456789abcdef",
      });
    });

    test("an image without labels runs, and says nothing of itself", async () => {
      const digest = await opened.push(WEB, 1, "v1");
      const silent = { kind: "runnable", authors: [], commit: null };
      expect(await opened.registry.inspect(WEB, digest)).toEqual(silent);
    });

    test("what is no image says what it is instead", async () => {
      const chart = await opened.pushChart(WEB);
      expect(await opened.registry.inspect(WEB, chart)).toEqual({
        kind: "other",
        reason: "it is a Helm chart",
      });
    });

    test("an image that is not there is gone", async () => {
      const digest = await opened.push(WEB, 1, "v1");
      expect(await opened.registry.inspect(WEB, aDigest(9))).toBeNull();
      expect(await opened.registry.inspect(NESTED, digest)).toBeNull();
    });

    test("a repository that is not there has no images", async () => {
      expect(await digestsSince(null)).toEqual([]);
    });
  });
}
