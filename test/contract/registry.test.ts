import { describe, expect, test } from "vitest";

import { buildImage, pushImage } from "../../emulators/artifact-registry/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { manualClock } from "../../emulators/kit/clock.ts";
import { artifactRegistry } from "../../shared/adapters/artifact-registry.ts";
import { parseImageRepository } from "../../shared/adapters/image-repository.ts";
import { digest } from "../../shared/domain/ids.ts";
import { anImage } from "../support/builders.ts";
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
    close: server.close,
  };
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
