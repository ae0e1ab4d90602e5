import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { buildImage } from "../../infra/local/image.ts";
import { writeImageLayout } from "../support/image-shapes.ts";
import { writeCiTools } from "../support/ci-tools.ts";
import { smallSpec } from "../support/local-spec.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";

const run = promisify(execFile);

const GUIDE = readFileSync(new URL("../../docs/guides/ci.md", import.meta.url), "utf8");
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ACCOUNT = "ci@acme.iam.gserviceaccount.com";
const TIMEOUT_MS = 60_000;

const Jobs = z.object({
  jobs: z.object({
    deliver: z.object({
      steps: z.array(
        z.object({ run: z.string().optional(), env: z.record(z.string(), z.string()).default({}) }),
      ),
    }),
  }),
});
const CloudBuild = z.object({ steps: z.array(z.object({ script: z.string() })) });
const Buildkite = z.object({
  steps: z.array(
    z.union([z.literal("wait"), z.object({ command: z.string() }).transform((one) => one.command)]),
  ),
});

/** The first block of code below a heading of the guide. */
function recipe(heading: string): string {
  const [, block = ""] =
    /```(?:yaml|sh)\n([\s\S]*?)```/.exec(GUIDE.split(`## ${heading}\n`)[1] ?? "") ?? [];
  return block;
}

/** What the last line says once a release has arrived. */
function arrived(tag: string): unknown {
  return expect.stringMatching(new RegExp(`there {2}release ${tag} \\(r-\\S+\\) runs in dev\\n$`));
}

const hasNoSkopeo = isMissing("skopeo", ["skopeo", "--version"]);

describe.skipIf(hasNoSkopeo)("the recipes of the guide for CI", () => {
  let world: LocalWorld;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-ci-"));
    world = await openLocalWorld();
    await writeCiTools(join(folder, "bin"));
    const text = smallSpec("web").replace("rollout:\n", `rollout:\n  serviceAccount: ${ACCOUNT}\n`);
    await world.apply(text);
  });

  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  async function mint(email: string): Promise<string> {
    return world.cloud.emulators.identity.mint({ email, audience: world.file.audience });
  }

  /** Writes an image that a recipe's tools push, and gives its layout. */
  async function layoutOf(tag: string): Promise<string> {
    const layout = join(folder, tag);
    await writeImageLayout(layout, await buildImage({ env: { VERSION: tag } }), tag);
    return `${layout}:${tag}`;
  }

  /** Runs a script as CI does, in a shell that stops at the first failure. */
  async function shell(
    script: string,
    tag: string,
    env: Readonly<Record<string, string>>,
  ): Promise<string> {
    const api = world.file.api;
    const { stdout } = await run("/bin/sh", ["-ec", script.replaceAll("/workspace", folder)], {
      cwd: ROOT,
      env: {
        PATH: `${join(folder, "bin")}:${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
        HOME: folder,
        LAYOUT: await layoutOf(tag),
        MINTED: await mint(ACCOUNT),
        WANTED_ACCOUNT: ACCOUNT,
        WANTED_AUDIENCE: api,
        SLIPWAY_API: api,
        IMAGE: imageUrl(world.file, "web").replace("http://", ""),
        ...env,
      },
    });
    return stdout;
  }

  test(
    "GitHub Actions waits for the digest that was pushed",
    async () => {
      const tag = "github-1";
      const digest = await world.push("web", tag);
      const { steps } = Jobs.parse(parse(recipe("GitHub Actions"))).jobs.deliver;
      const values = new Map([
        ["steps.slipway.outputs.id_token", await mint(ACCOUNT)],
        ["steps.image.outputs.digest", digest],
      ]);
      const fill = (text: string): string =>
        text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, name: string) => values.get(name) ?? "");
      for (const step of steps.filter((one) => one.run !== undefined)) {
        const env = Object.entries(step.env).map(([name, value]) => [name, fill(value)] as const);
        expect(await shell(step.run ?? "", tag, Object.fromEntries(env))).toEqual(arrived(tag));
      }
    },
    TIMEOUT_MS,
  );

  test(
    "Cloud Build pushes, gets a token with an address, and waits",
    async () => {
      const tag = "0123abc";
      const { steps } = CloudBuild.parse(parse(recipe("Cloud Build")));
      const env = {
        SHORT_SHA: tag,
        _IMAGE: imageUrl(world.file, "web").replace("http://", ""),
        _SLIPWAY_API: world.file.api,
        _ACCOUNT: ACCOUNT,
      };
      let out = "";
      for (const { script } of steps) {
        out = await shell(script, tag, env);
      }
      expect(out).toEqual(arrived(tag));
    },
    TIMEOUT_MS,
  );

  test(
    "Buildkite does so with variables that its shell fills in",
    async () => {
      const tag = "fedcba9876543210";
      const { steps } = Buildkite.parse(parse(recipe("Buildkite")));
      let out = "";
      for (const command of steps.filter((step) => step !== "wait")) {
        const env = { BUILDKITE_COMMIT: tag, ACCOUNT };
        out = await shell(command.replaceAll("$$", "$"), tag, env);
      }
      expect(out).toEqual(arrived(tag));
    },
    TIMEOUT_MS,
  );

  test.each([
    ["Bazel", "bazel-1"],
    ["Plain docker", "docker-1"],
  ])(
    "%s pushes and waits",
    async (heading, tag) => {
      const env = { COMMIT: tag, SLIPWAY_TOKEN: await mint(ACCOUNT) };
      expect(await shell(recipe(heading), tag, env)).toEqual(arrived(tag));
    },
    TIMEOUT_MS,
  );

  test(
    "an account that the specification does not name learns nothing",
    async () => {
      const env = {
        COMMIT: "other-1",
        SLIPWAY_TOKEN: await mint("other@acme.iam.gserviceaccount.com"),
      };
      await expect(shell(recipe("Plain docker"), "other-1", env)).rejects.toMatchObject({
        code: 1,
        stdout: "",
      });
    },
    TIMEOUT_MS,
  );
});
