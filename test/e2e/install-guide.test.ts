import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { z } from "zod";
import { COMMANDS } from "../../infra/cli/commands.ts";
import { addGlobalOptions } from "../../infra/cli/options.ts";
import { isMissing } from "../support/needs.ts";
import { startGoogleCloud } from "../support/platform/google-cloud.ts";
import type { GoogleCloud } from "../support/platform/google-cloud.ts";
import { someSettings } from "../support/platform/settings.ts";
import { gcloudAdvice, gcloudLines, shellLines } from "../support/shell-lines.ts";
import { cliIn } from "./cli-setting.ts";
import type { Ran } from "./cli-setting.ts";

const ROOT = new URL("../../", import.meta.url);
const GUIDE = readFileSync(new URL("docs/guides/install.md", ROOT), "utf8");
const RISKS = readFileSync(new URL("docs/reference/google-cloud.md", ROOT), "utf8");
const LINES = shellLines(GUIDE);
const OURS = "npx slipway ";

/** The words of a command of ours. */
function wordsOf(line: string): readonly string[] {
  return line.slice(OURS.length).split(/\s+/);
}

test("every command of the guide is of a program that the guide asks for", () => {
  const programs = LINES.map((line) => line.split(" ")[0]);
  expect(new Set(programs)).toEqual(new Set(["npx", "export", "gcloud"]));
  const others = LINES.filter((line) => line.startsWith("npx ") && !line.startsWith(OURS));
  expect(others).toEqual([]);
});

test.each(LINES.filter((line) => line.startsWith(OURS)))(
  "%s: is a command of ours",
  async (line) => {
    const [name = "", ...words] = wordsOf(line);
    const make = COMMANDS.get(name);
    expect(make, name).toBeDefined();
    let command: Command | undefined = await make?.();
    let rest: readonly string[] = words;
    for (let next = nested(command, rest); next !== undefined; next = nested(command, rest)) {
      command = next;
      rest = rest.slice(1);
    }
    expect(command).toBeDefined();
    const { unknown } = addGlobalOptions(command ?? never()).parseOptions([...rest]);
    expect(unknown).toEqual([]);
  },
);

function nested(command: Command | undefined, words: readonly string[]): Command | undefined {
  return command?.commands.find((one) => one.name() === words[0]);
}

function never(): never {
  throw new Error("it was looked for above");
}

describe("the commands that install, run in turn in an empty cloud", () => {
  let cloud: GoogleCloud;
  let folder: string;

  beforeAll(async () => {
    const nobody = { viewers: [], deployers: [], approvers: [], oncall: [], owners: [] };
    const { project, location } = someSettings();
    const alone = {
      project,
      location,
      pipelineProjects: [project],
      registries: [],
      environments: [],
    };
    cloud = await startGoogleCloud({ ...someSettings(), ...alone, people: nobody, callers: [] });
    folder = await mkdtemp(join(tmpdir(), "slipway-guide-"));
    await mkdir(join(folder, ".slipway"));
    await writeFile(join(folder, ".slipway", "local.json"), JSON.stringify(localFile(cloud)));
  });

  afterAll(async () => {
    await cloud.close();
    await rm(folder, { recursive: true });
  });

  async function slipway(line: string): Promise<Ran> {
    // What is built does not matter here, and small functions start at once.
    const built = line.includes(" init ") ? [] : ["--deploy", cloud.deployable];
    const ran = await cliIn(folder)([...wordsOf(line), ...built]);
    expect(ran.code, `${line}\n${ran.out}${ran.err}`).toBe(0);
    return ran;
  }

  test("each ends well, and does what the guide says of it", async () => {
    const told = new Map<string, string>();
    for (const line of LINES.filter((one) => one.startsWith(`${OURS}install `))) {
      told.set(line.slice(OURS.length), (await slipway(line)).out);
    }
    expect([...told.keys()]).toEqual([
      "install init acme-slipway --location europe-west3",
      "install plan",
      "install apply",
      "install export --terraform --out slipway.tf",
      "install destroy",
      "install destroy --yes acme-slipway",
      "install destroy --yes acme-slipway --database slipway --bucket acme-slipway-sources",
    ]);
    expect(told.get("install plan")).toMatch(/\d+ to create, \d+ to change\.\n$/);
    expect(told.get("install apply")).toContain("Slipway is installed.");
    expect(await readFile(join(folder, "slipway.tf"), "utf8")).toContain("google_pubsub_topic");
    expect(told.get("install destroy")).toContain("Nothing was touched.");
    expect(told.get("install destroy --yes acme-slipway")).toContain(
      "stays: database projects/acme-slipway/databases/slipway, unless --database names it",
    );
    expect((await slipway(`${OURS}install plan`)).out).toMatch(/\d+ to create/);
  });
});

/** What `.slipway/local.json` says, of a cloud in which no function of ours is asked for anything. */
function localFile({ endpoints }: GoogleCloud): object {
  const unused = "http://127.0.0.1:9";
  const { identity, storage, monitoring, scheduler, iam, gkebackup, firestore } = endpoints;
  return {
    project: "acme-slipway",
    location: "europe-west3",
    database: "slipway",
    api: unused,
    audience: unused,
    owner: "ann@example.com",
    address: "http://127.0.0.1:1",
    tokens: { viewer: "", deployer: "", approver: "", oncall: "" },
    endpoints: {
      identity,
      storage,
      monitoring,
      scheduler,
      iam,
      firestore,
      gkeBackup: gkebackup,
      cloudDeploy: unused,
      cloudSql: unused,
      cloudRun: endpoints.run,
      artifactRegistry: endpoints.artifactregistry,
      pubsub: endpoints.pubsub,
      secretManager: endpoints.secretmanager,
      resourceManager: endpoints.resourcemanager,
      serviceUsage: endpoints.serviceusage,
      cloudBilling: endpoints.billing,
      cloudFunctions: endpoints.functions,
      slack: unused,
      github: unused,
    },
  };
}

const Linted = z.array(
  z.object({
    command_string: z.string(),
    success: z.boolean(),
    error_message: z.string().nullish(),
  }),
);

/** The texts of the source files in a folder, and below it. */
async function sourcesIn(path: string): Promise<readonly string[]> {
  const folder = new URL(path, ROOT);
  const files = await readdir(folder, { recursive: true });
  const sources = files.filter((name) => name.endsWith(".ts"));
  return Promise.all(sources.map((name) => readFile(new URL(name, folder), "utf8")));
}

const hasNoGcloud = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(hasNoGcloud)("commands of gcloud", () => {
  test("that the pages show, and that installer and apply advise, are taken by gcloud", async () => {
    const sources = (await Promise.all(["infra/platform/", "infra/plan/"].map(sourcesIn))).flat();
    const commands = [
      ...new Set([...gcloudLines(GUIDE), ...gcloudLines(RISKS), ...sources.flatMap(gcloudAdvice)]),
    ];
    expect(commands.length).toBeGreaterThan(20);
    const folder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    const file = join(folder, "commands.json");
    await writeFile(file, JSON.stringify(commands.map((one) => ({ command_string: one }))));
    const env = {
      PATH: process.env["PATH"],
      CLOUDSDK_CONFIG: folder,
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
      CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
    };
    const words = ["meta", "lint-gcloud-commands", `--commands-file=${file}`];
    const { stdout } = await promisify(execFile)("gcloud", words, { env, maxBuffer: 2 ** 28 });
    await rm(folder, { recursive: true });
    const linted = Linted.parse(JSON.parse(stdout));
    expect(linted).toHaveLength(commands.length);
    const wrong = linted.filter(({ success }) => !success);
    expect(wrong.map((one) => `${one.command_string}: ${one.error_message ?? ""}`)).toEqual([]);
  });
});
