import { describe, expect, test } from "vitest";

import { buildImage, pushImage } from "../../infra/local/image.ts";
import { startArtifactRegistry } from "../../emulators/artifact-registry/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import { artifactRegistry } from "../../shared/adapters/artifact-registry.ts";
import { parseImageRepository } from "../../shared/adapters/image-repository.ts";
import { digest } from "../../shared/domain/ids.ts";
import { parseAuthors } from "../../shared/wire/image-manifest.ts";
import { parseImagePush } from "../../shared/wire/image-push.ts";
import { anImage, atMs } from "../support/builders.ts";
import { registryContract } from "../support/contracts/registry-contract.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { aChart } from "../support/odd-images.ts";

const SECOND_MS = 1000;

registryContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  let pushes = 0;
  return {
    registry: ports.registry,
    push: async (repository, number, tag) => {
      const others = (world.images.get(repository) ?? []).map((image) =>
        Object.assign({}, image, { tags: image.tags.filter((other) => other !== tag) }),
      );
      pushes += 1;
      const image = anImage(number * SECOND_MS);
      const known = others.find(({ digest: other }) => other === image.digest);
      const tags = [...(known?.tags ?? []), tag];
      const pushed = { ...image, tags, updatedAt: atMs(pushes * SECOND_MS) };
      const rest = others.filter(({ digest: other }) => other !== image.digest);
      world.images.set(repository, [...rest, pushed]);
      return pushed.digest;
    },
    pushLabelled: async (repository, labels) => {
      const pushed = anImage(0);
      world.images.set(repository, [...(world.images.get(repository) ?? []), pushed]);
      world.descriptions.set(`${repository}@${pushed.digest}`, {
        kind: "runnable",
        authors: parseAuthors(labels["org.opencontainers.image.authors"]),
        commit: labels["org.opencontainers.image.revision"] ?? null,
      });
      return pushed.digest;
    },
    pushChart: async (repository) => {
      const pushed = anImage(1);
      world.images.set(repository, [pushed]);
      const reason = "it is a Helm chart";
      world.descriptions.set(`${repository}@${pushed.digest}`, { kind: "other", reason });
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
    pushChart: async (repository) => {
      const path = repository.slice(repository.indexOf("/"));
      return digest(await pushImage(`${server.url}${path}`, aChart()));
    },
    close: server.close,
  };
});

describe("an image in a project of a domain", () => {
  const name = "projects/example.com:my-project/locations/us/repositories/apps";
  const DOM = "us-docker.pkg.dev/example.com/my-project/apps/dom";

  test("is read through the client, and its notification leads to it", async () => {
    const told: string[] = [];
    const publisher = {
      publish: (topic: string, { data }: { readonly data?: Uint8Array }) => {
        told.push(`${topic} ${Buffer.from(data ?? []).toString()}`);
      },
    };
    const server = await startArtifactRegistry({
      publisher,
      defaultLocation: "us",
      repositories: [{ name }],
    });
    const url = `${server.url}/example.com/my-project/apps/dom`;
    const pushed = digest(await pushImage(url, await buildImage(), "v1"));
    const registry = artifactRegistry({ endpoint: server.grpcAddress });
    const [topic = "", text = ""] = (told.at(-1) ?? "").split(/ (.*)/);
    expect(topic).toBe("projects/example.com:my-project/topics/gcr");
    const message = { id: "1", publishTime: null, attempt: null, attributes: {}, text };
    expect(parseImagePush(message)).toMatchObject({ ok: true, value: { repository: DOM } });
    expect(await registry.getImage(DOM, pushed)).toMatchObject({ digest: pushed, tags: ["v1"] });
    const listed = await registry.listImages(DOM, { changedAfter: null, limit: 5 });
    expect(listed.map((image) => image.digest)).toEqual([pushed]);
    expect(await registry.findTag(DOM, "v1")).toBe(pushed);
    expect(await registry.inspect(DOM, pushed)).toMatchObject({ kind: "runnable" });
    await server.close();
  });
});

describe("an image's repository", () => {
  test.for([
    ["us-central1-docker.pkg.dev/p/r/i", "p us-central1 r i"],
    ["europe-docker.pkg.dev/p/r/team/i", "p europe r team/i"],
    ["us-docker.pkg.dev/example.com/my-project/apps/dom", "example.com:my-project us apps dom"],
    ["us-docker.pkg.dev/example.com/p/r/team/i", "example.com:p us r team/i"],
    ["us-docker.pkg.dev/p/r/team.a/i", "p us r team.a/i"],
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
    "us-central1-docker.pkg.dev/example.com/p/r",
    "gcr.io/p",
    "fr.gcr.io/p/i",
  ])("%s is none of Artifact Registry", (text) => {
    expect(() => parseImageRepository(text)).toThrow("names no image of Artifact Registry");
  });
});
