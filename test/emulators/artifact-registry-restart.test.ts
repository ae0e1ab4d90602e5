import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, directoryBlobs, memoryBlobs } from "../../emulators/kit/blob-store.ts";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import type { ArtifactRegistryOptions } from "../../emulators/artifact-registry/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import { LOCATION, REPOSITORY, URI } from "./artifact-registry-fixture.ts";

const AMD = { architecture: "amd64", os: "linux" };

describe("a restart", () => {
  test("keeps everything, and upload times go on from the last", async () => {
    const kept = { persistence: memoryPersistence(), blobs: memoryBlobs() };
    await restartContract(() => ({ ...kept, clock: manualClock() }));
  });

  test("keeps everything in a folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "artifact-registry-"));
    let persistence: Persistence | undefined;
    await restartContract(async () => {
      await persistence?.close();
      persistence = directoryPersistence(folder);
      return { persistence, blobs: directoryBlobs(join(folder, "blobs")), clock: manualClock() };
    });
    await persistence?.close();
    await rm(folder, { recursive: true });
  });

  test("forgets the images whose contents were lost, so that they can be pushed again", async () => {
    const persistence = memoryPersistence();
    const first = await startArtifactRegistry({
      persistence,
      repositories: [{ name: REPOSITORY }],
    });
    const image = await buildImage();
    await pushImage(`${first.url}/acme/apps/web`, image, "v1");
    await first.close();
    const second = await startArtifactRegistry({ persistence });
    expect(second.images.find(`${URI}/web:v1`)).toBeNull();
    await pushImage(`${second.url}/acme/apps/web`, image, "v1");
    expect(second.images.find(`${URI}/web:v1`)?.digest).toBe(image.manifest.digest);
    await second.close();
  });

  test("forgets a tag together with the contents that it named, and nothing else", async () => {
    const kept = { persistence: memoryPersistence(), blobs: memoryBlobs() };
    const first = await startArtifactRegistry({ ...kept, repositories: [{ name: REPOSITORY }] });
    const url = `${first.url}/acme/apps/web`;
    const lost = await pushImage(url, await buildImage({ env: { A: "1" } }), "lost");
    await pushImage(url, await buildImage({ env: { A: "2" } }), "safe");
    await first.close();
    kept.blobs.remove(lost);
    const second = await startArtifactRegistry(kept);
    const tags = await fetch(`${second.url}/v2/acme/apps/web/tags/list`);
    expect(await tags.json()).toMatchObject({ tags: ["safe"] });
    await second.close();
  });

  test("is not reached with a repository of a malformed name", async () => {
    const name = `${LOCATION}/repositories/Bad`;
    await expect(startArtifactRegistry({ repositories: [{ name }] })).rejects.toThrow(
      "repositoryId",
    );
  });
});

/** Pushes, restarts, and looks whether all is there and time goes on. */
async function restartContract(
  options: () => ArtifactRegistryOptions | Promise<ArtifactRegistryOptions>,
): Promise<void> {
  const repositories = [{ name: REPOSITORY, description: "first" }];
  const first = await startArtifactRegistry({ ...(await options()), repositories });
  const index = buildIndex([{ image: await buildImage(), platform: AMD }]);
  await pushImage(`${first.url}/acme/apps/web`, index, "v1");
  const before = await (await fetch(`${first.url}/v1/${REPOSITORY}/dockerImages`)).json();
  await fetch(`${first.url}/v1/${REPOSITORY}?updateMask=description`, {
    method: "PATCH",
    body: JSON.stringify({ description: "changed" }),
  });
  await first.close();
  const second = await startArtifactRegistry({ ...(await options()), repositories });
  try {
    const after = await fetch(`${second.url}/v1/${REPOSITORY}/dockerImages`);
    expect(await after.json()).toEqual(before);
    const repository = await fetch(`${second.url}/v1/${REPOSITORY}`);
    expect(await repository.json()).toMatchObject({ description: "changed" });
    const manifest = await fetch(`${second.url}/v2/acme/apps/web/manifests/v1`);
    expect(digestOf(await manifest.text())).toBe(index.manifest.digest);
    const later = await buildImage({ env: { A: "1" } });
    await pushImage(`${second.url}/acme/apps/web`, later, "v2");
    const order = `${second.url}/v1/${REPOSITORY}/dockerImages?orderBy=uploadTime%20desc`;
    expect(await (await fetch(order)).json()).toMatchObject({
      dockerImages: [{ tags: ["v2"] }, { tags: ["v1"] }, {}],
    });
  } finally {
    await second.close();
  }
}
