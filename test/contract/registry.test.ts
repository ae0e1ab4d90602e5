import { describe, expect, test } from "vitest";

import { buildImage, buildIndex, pushImage } from "../../emulators/artifact-registry/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { manualClock } from "../../emulators/kit/clock.ts";
import { artifactRegistry } from "../../shared/adapters/artifact-registry.ts";
import { originReader } from "../../shared/adapters/image-origin.ts";
import { parseImageRepository } from "../../shared/adapters/image-repository.ts";
import { digest } from "../../shared/domain/ids.ts";
import { emailIn } from "../../shared/wire/image-manifest.ts";
import { startAnswering } from "../support/answering-server.ts";
import { aDigest, anImage, aService } from "../support/builders.ts";
import { registryContract } from "../support/contracts/registry-contract.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const SECOND_MS = 1000;

registryContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  return {
    registry: ports.registry,
    push: async (repository, number, tag) => {
      const others = (world.images.get(repository) ?? []).map((image) =>
        Object.assign({}, image, { tags: image.tags.filter((other) => other !== tag) }),
      );
      const pushed = anImage(number * SECOND_MS, { tags: [tag] });
      world.images.set(repository, [...others, pushed]);
      return pushed.digest;
    },
    pushLabelled: async (repository, labels) => {
      const pushed = anImage(0);
      world.images.set(repository, [...(world.images.get(repository) ?? []), pushed]);
      world.origins.set(`${repository}@${pushed.digest}`, {
        author: emailIn(labels["org.opencontainers.image.authors"] ?? ""),
        commit: labels["org.opencontainers.image.revision"] ?? null,
      });
      return pushed.digest;
    },
    close: async () => {},
  };
});

registryContract("through its client", async () => {
  const clock = manualClock();
  const name = "projects/slipway/locations/us-central1/repositories/apps";
  const server = await startArtifactRegistry({ clock, repositories: [{ name }] });
  return {
    registry: artifactRegistry({ endpoint: server.grpcAddress }),
    push: async (repository, number, tag) => {
      await clock.advance(SECOND_MS);
      const image = await buildImage({ labels: { number: String(number) } });
      const path = repository.slice(repository.indexOf("/"));
      return digest(await pushImage(`${server.url}${path}`, image, tag));
    },
    pushLabelled: async (repository, labels) => {
      const path = repository.slice(repository.indexOf("/"));
      return digest(await pushImage(`${server.url}${path}`, await buildImage({ labels })));
    },
    close: server.close,
  };
});

describe("an image's origin", () => {
  const revision = "org.opencontainers.image.revision";

  test("is that of its first image for linux/amd64, when it is an index", async () => {
    const name = "projects/slipway/locations/us-central1/repositories/apps";
    const server = await startArtifactRegistry({ repositories: [{ name }] });
    const platforms = [
      { architecture: "arm64", os: "linux" },
      { architecture: "amd64", os: "windows" },
      { architecture: "amd64", os: "linux" },
    ];
    const children = await Promise.all(
      platforms.map(async (platform) => {
        const commit = `${platform.os}-${platform.architecture}`;
        return { platform, image: await buildImage({ platform, labels: { [revision]: commit } }) };
      }),
    );
    const url = `${server.url}/slipway/apps/web`;
    const read = originReader({ endpoint: server.grpcAddress });
    const index = digest(await pushImage(url, buildIndex(children)));
    expect(await read(aService().image, index)).toEqual({ author: null, commit: "linux-amd64" });
    const others = digest(await pushImage(url, buildIndex(children.slice(0, 2))));
    expect(await read(aService().image, others)).toEqual({ author: null, commit: null });
    await server.close();
  });

  test.for([
    ["a chart, whose configuration is something else", { config: { digest: "sha256:c" } }, "[]"],
    ["an image without labels", { config: { digest: "sha256:c" } }, '{"config":{"Labels":null}}'],
    ["an image whose configuration is no JSON", { config: { digest: "sha256:c" } }, "<html>"],
    ["a manifest without a configuration", { layers: [] }, ""],
    ["a manifest of another form", { config: "none" }, ""],
  ] as const)("of %s is not known", async ([, manifest, configuration]) => {
    const server = await startAnswering();
    server.answer({ body: JSON.stringify(manifest) });
    server.answer({ body: configuration });
    const read = originReader({ endpoint: new URL(server.url).host });
    expect(await read(aService().image, aDigest(1))).toEqual({ author: null, commit: null });
    expect(server.asked[0]).toBe(`/v2/slipway/apps/web/manifests/${aDigest(1)}`);
    await server.close();
  });

  test.for([
    [403, "PermanentError"],
    [503, "TransientError"],
  ] as const)("that the registry refuses with %i is a %s", async ([status, name]) => {
    const server = await startAnswering();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      server.answer({ status });
    }
    const read = originReader({ endpoint: new URL(server.url).host });
    await expect(read(aService().image, aDigest(1))).rejects.toMatchObject({ name });
    await server.close();
  });

  test.for([
    ["ann@example.com", "ann@example.com"],
    ["Ann Other <Ann.Other+ci@Example.com>, Bob <bob@example.com>", "ann.other+ci@example.com"],
    ["Ann Other", null],
    ["", null],
  ] as const)("%o names %o", ([text, email]) => {
    expect(emailIn(text)).toBe(email);
  });
});

describe("an image's repository", () => {
  test.for([
    ["us-central1-docker.pkg.dev/p/r/i", "p us-central1 r i"],
    ["europe-docker.pkg.dev/p/r/team/i", "p europe r team/i"],
    ["gcr.io/p/i", "p us gcr.io i"],
    ["us.gcr.io/p/team/i", "p us us.gcr.io team/i"],
    ["eu.gcr.io/p/i", "p europe eu.gcr.io i"],
    ["asia.gcr.io/p/i", "p asia asia.gcr.io i"],
    ["gcr.io/example.com/p/i", "example.com:p us gcr.io i"],
  ])("%s is %s", ([text = "", parts]) => {
    const { project, location, repository, image } = parseImageRepository(text);
    expect([project, location, repository, image].join(" ")).toBe(parts);
  });

  test.for([
    "",
    "web",
    "docker.io/library/web",
    "us-central1-docker.pkg.dev/p/r",
    "gcr.io/p",
    "fr.gcr.io/p/i",
  ])("%s is none of Artifact Registry", (text) => {
    expect(() => parseImageRepository(text)).toThrow("names no image of Artifact Registry");
  });
});
