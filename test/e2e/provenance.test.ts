import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { buildImage, pushImage } from "../../infra/local/image.ts";
import type { Image } from "../../infra/local/image.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";
import { promote, promotionEnds, readRecords, tagArrives } from "../support/local-views.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { aCacheManifest, aChart, aJunkSignature } from "../support/odd-images.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";

const SUBJECT = "https://github.com/example/web/.github/workflows/build.yaml@refs/heads/main";
const ISSUER = "https://token.actions.githubusercontent.com";
const BUILDER = "https://github.com/actions/runner/github-hosted";
const SOURCE = "https://github.com/example/web";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const KEY = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const PUBLIC_KEY = createPublicKey(KEY).export({ format: "pem", type: "spki" }).toString();

let world: LocalWorld;
let pushes = 0;

function specOf(id: string, provenance: string): string {
  return smallSpec(id, [
    "delivery:",
    "  environments:",
    "    prod:",
    `      provenance: {required: true, ${provenance}}`,
  ]);
}

beforeAll(async () => {
  world = await openLocalWorld();
  const pattern = `^https://github\\.com/example/web/.*@refs/heads/main$`;
  const identities = `identities: [{issuer: ${ISSUER}, subjectPattern: '${pattern}'}]`;
  await world.apply(specOf("signed", `keys: [${JSON.stringify(PUBLIC_KEY)}], ${identities}`));
  await world.apply(specOf("built", `${identities}, builders: [${BUILDER}], source: ${SOURCE}`));
  await writeFile(join(world.directory, "team.key"), KEY);
});

afterAll(async () => {
  await world.close();
});

/** Pushes an image that goes to dev by itself, and asks for prod, where it waits. */
async function waiting(service: string): Promise<{ readonly tag: string; readonly id: string }> {
  pushes += 1;
  const tag = `v${pushes}`;
  await world.push(service, tag);
  await tagArrives(world, service, { environment: "dev", tag });
  const { id } = await promote(world, service, "prod");
  return { tag, id };
}

/** What the gate says once it says this. */
async function gateSays(id: string, words: string): Promise<void> {
  await until(
    `the gate of ${id} says ${words}`,
    async () => JSON.stringify((await world.call("viewer", `GET /v1/promotions/${id}`)).body),
    (body) => body.includes(words),
  );
}

async function sign(service: string, tag: string, ...words: readonly string[]): Promise<string> {
  const image = `${imageOf(service)}:${tag}`;
  const { code, out, err } = await cliIn(world.directory)(["local", "sign", image, ...words]);
  expect(err).toBe("");
  expect(code).toBe(0);
  return out;
}

async function putBeside(service: string, tag: string, image: Image): Promise<void> {
  const url = imageUrl(world.file, service);
  const { origin, pathname } = new URL(url);
  const response = await fetch(`${origin}/v2${pathname}/manifests/${tag}`, { method: "HEAD" });
  const digest = response.headers.get("docker-content-digest") ?? "";
  await pushImage(url, image, `${digest.replace(":", "-")}.sig`);
}

const somebody = ["--issuer", ISSUER, "--identity"];

describe("a release into an environment that asks for signatures", () => {
  test("waits while it is unsigned, and goes on once it is signed by whom the specification names", async () => {
    const { tag, id } = await waiting("signed");
    await gateSays(id, "the image is unsigned");
    const out = await sign("signed", tag, ...somebody, SUBJECT);
    expect(out).toContain(`identities: [{issuer: ${ISSUER}, subject: '${SUBJECT}'}]`);
    expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
    const records = await readRecords(world, "signed");
    expect(records.find(({ kind }) => kind === "release.verified")).toMatchObject({
      reason: `signed by ${SUBJECT} (${ISSUER})`,
    });
  });

  test("goes on by a key that the specification names, and by a bundle too", async () => {
    const { tag, id } = await waiting("signed");
    await sign("signed", tag, "--key", "team.key", "--bundle");
    expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
  });

  test("waits on junk, another key and another signer, and says which", async () => {
    const { tag, id } = await waiting("signed");
    await putBeside("signed", tag, aJunkSignature());
    await gateSays(id, "cannot be read as a signature");
    await sign("signed", tag, "--key", "other.key");
    await gateSays(id, "signed with a key that is not trusted");
    await sign("signed", tag, ...somebody, `${SUBJECT}-fork`);
    await gateSays(id, `it is signed by ${SUBJECT}-fork (${ISSUER}), who is not trusted`);
    await sign("signed", tag, ...somebody, SUBJECT);
    expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
  });

  test("waits for SLSA provenance where a builder or a source is named", async () => {
    const { tag, id } = await waiting("built");
    await sign("built", tag, ...somebody, SUBJECT);
    await gateSays(id, "asks for SLSA provenance");
    const other = "https://github.com/example/fork";
    await sign("built", tag, ...somebody, SUBJECT, "--builder", BUILDER, "--source", other);
    await gateSays(id, `it was built from ${other}, not from ${SOURCE}`);
    const words = ["--builder", BUILDER, "--source", SOURCE, "--bundle"];
    await sign("built", tag, ...somebody, SUBJECT, ...words);
    expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
  });

  test("is verified anew when the specification names others", async () => {
    const { tag, id } = await waiting("signed");
    await sign("signed", tag, "--key", "third.key");
    await gateSays(id, "signed with a key that is not trusted");
    const { readFile } = await import("node:fs/promises");
    const third = await readFile(join(world.directory, "third.key"), "utf8");
    const pem = createPublicKey(third).export({ format: "pem", type: "spki" }).toString();
    await world.apply(specOf("signed", `keys: [${JSON.stringify(pem)}]`));
    expect((await promotionEnds(world, id)).state).toBe("SUCCEEDED");
  });
});

test("the local authority's keys are readable by their owner alone", async () => {
  for (const name of ["sigstore.json", "trusted-root.json"]) {
    const { mode } = await stat(join(world.directory, ".slipway", name));
    expect(mode & 0o777).toBe(0o600);
  }
});

describe("what is pushed and is no image that can run", () => {
  test.for<readonly [string, () => Image | Promise<Image>, string]>([
    ["chart", aChart, "it is a Helm chart"],
    ["cache", aCacheManifest, "it is a build cache"],
    [
      "arm",
      async () => buildImage({ platform: { os: "linux", architecture: "arm64" } }),
      "it is for linux/arm64, not for linux/amd64",
    ],
  ])("as a %s becomes no release, and the record says why", async ([tag, make, reason]) => {
    await pushImage(imageUrl(world.file, "built"), await make(), tag);
    await until(
      `the ${tag} is recorded`,
      async () => JSON.stringify(await readRecords(world, "built")),
      (records) => records.includes(reason),
    );
    const { body } = await world.call("viewer", "GET /v1/services/built/releases");
    expect(JSON.stringify(body)).not.toContain(`"tag":"${tag}"`);
    const image = `${imageOf("built")}:${tag}`;
    const answer = await world.call("deployer", "POST /v1/services/built/releases", { image });
    expect(answer.status).toBe(409);
    expect(JSON.stringify(answer.body)).toContain(reason);
  });
});
