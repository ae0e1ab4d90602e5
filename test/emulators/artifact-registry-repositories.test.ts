import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { pushImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import {
  errorOf,
  imageWith,
  LOCATION,
  REPOSITORY,
  useClient,
  useRegistry,
} from "./artifact-registry-fixture.ts";

const fixture = useRegistry();
const { registry, request } = fixture;
const client = useClient(fixture);

/** Pushes to `acme/apps/<image>` and returns the digest. */
function push(image: string, built: Image, tag?: string): Promise<string> {
  return pushImage(`${registry().url}/acme/apps/${image}`, built, tag);
}

describe("repositories", () => {
  test("are created, and can be pushed to from then on", async () => {
    const url = `${registry().url}/acme/new-one/web`;
    const image = await imageWith("1");
    await expect(pushImage(url, image, "v1")).rejects.toThrow("NAME_UNKNOWN");
    const [creation] = await client().createRepository({
      parent: LOCATION,
      repositoryId: "new-one",
      repository: { format: "DOCKER", description: "mine", labels: { team: "blue" } },
    });
    const [{ name = "" }] = await creation.promise();
    const [repository] = await client().getRepository({ name });
    expect(repository).toMatchObject({
      name: `${LOCATION}/repositories/new-one`,
      format: "DOCKER",
      mode: "STANDARD_REPOSITORY",
      description: "mine",
      labels: { team: "blue" },
      registryUri: "us-central1-docker.pkg.dev/acme/new-one",
    });
    await pushImage(url, image, "v1");
    const [got] = await client().getRepository({ name });
    const contents = [...image.blobs, image.manifest];
    const bytes = contents.reduce((sum, content) => sum + content.bytes.byteLength, 0);
    expect(got.sizeBytes).toBe(String(bytes));
    const [repositories] = await client().listRepositories({ parent: LOCATION });
    expect(repositories.map((one) => one.name)).toEqual([REPOSITORY, got.name]);
  });

  test.each([
    {
      repositoryId: "apps",
      repository: { format: "DOCKER" as const },
      code: status.ALREADY_EXISTS,
    },
    {
      repositoryId: "Apps",
      repository: { format: "DOCKER" as const },
      code: status.INVALID_ARGUMENT,
    },
    {
      repositoryId: "a-",
      repository: { format: "DOCKER" as const },
      code: status.INVALID_ARGUMENT,
    },
    {
      repositoryId: "a".repeat(64),
      repository: { format: "DOCKER" as const },
      code: status.INVALID_ARGUMENT,
    },
    { repositoryId: "new", repository: {}, code: status.INVALID_ARGUMENT },
    { repositoryId: "new", repository: { format: "NPM" as const }, code: status.UNIMPLEMENTED },
    {
      repositoryId: "new",
      repository: { format: "DOCKER" as const, mode: "REMOTE_REPOSITORY" as const },
      code: status.UNIMPLEMENTED,
    },
    {
      repositoryId: "new",
      repository: { format: "DOCKER" as const, dockerConfig: { immutableTags: true } },
      code: status.UNIMPLEMENTED,
    },
    {
      repositoryId: "new",
      repository: { format: "DOCKER" as const, labels: { Team: "x" } },
      code: status.INVALID_ARGUMENT,
    },
  ])("are refused: $repositoryId $repository", async ({ repositoryId, repository, code }) => {
    const creation = client().createRepository({ parent: LOCATION, repositoryId, repository });
    await expect(creation).rejects.toMatchObject({ code });
  });

  test("change only what may be changed", async () => {
    await client().updateRepository({
      repository: { name: REPOSITORY, description: "new", labels: { a: "b" } },
      updateMask: { paths: ["description"] },
    });
    const [repository] = await client().getRepository({ name: REPOSITORY });
    expect(repository).toMatchObject({ description: "new", labels: {} });
    const fixed = client().updateRepository({
      repository: { name: REPOSITORY, format: "NPM" },
      updateMask: { paths: ["format"] },
    });
    await expect(fixed).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test("are deleted with all that is in them", async () => {
    await push("web", await imageWith("1"), "v1");
    const [deletion] = await client().deleteRepository({ name: REPOSITORY });
    await deletion.promise();
    await expect(client().getRepository({ name: REPOSITORY })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
    const response = await request("GET", "/v2/acme/apps/web/tags/list");
    expect(await errorOf(response)).toMatchObject({ code: "NAME_UNKNOWN" });
  });

  test("a method that is not there says so by name", async () => {
    const calls = await Promise.allSettled([
      client().getProjectSettings({ name: "projects/acme/projectSettings" }),
      client().batchDeleteVersions({ parent: `${REPOSITORY}/packages/web`, names: ["x"] }),
    ]);
    expect(calls).toMatchObject([
      {
        reason: {
          code: status.UNIMPLEMENTED,
          details: expect.stringContaining("GetProjectSettings") as unknown,
        },
      },
      {
        reason: {
          code: status.UNIMPLEMENTED,
          details: expect.stringContaining("BatchDeleteVersions") as unknown,
        },
      },
    ]);
  });
});
