import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { handle } from "../../shared/app/handle.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { aCandidate, aService } from "../support/builders.ts";
import { AUDIENCE, PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";

/** How a command ended, and what it wrote. */
export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** How a command is run. */
export type RunOptions = {
  /** Variables beside `PATH`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hears what was written to standard output so far, and may end the command. */
  readonly onOutput?: (output: string, end: () => void) => void;
};

/** Runs the command line from a folder: words as the shell would give them. */
export type RunCli = (words: readonly string[], options?: RunOptions) => Promise<Ran>;

/** The API on ports in memory, and a folder with the `.slipway/local.json` that names it. */
export type CliSetting = {
  readonly world: ApiWorld;
  readonly folder: string;
  readonly run: RunCli;
  /** Ends what is under way in Cloud Deploy, well, and lets Slipway see it. */
  readonly finishRollouts: () => Promise<void>;
  readonly tell: (event: ServiceEvent) => Promise<void>;
  readonly close: () => Promise<void>;
};

const MAIN = fileURLToPath(new URL("../../infra/cli/main.ts", import.meta.url));

/** Runs the command line in a folder, in a process of its own. */
export function cliIn(folder: string): RunCli {
  return (words, { env = {}, onOutput } = {}) =>
    new Promise((resolve, reject) => {
      const PATH = `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`;
      const child = spawn(MAIN, words, { cwd: folder, env: { PATH, ...env } });
      let out = "";
      let err = "";
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
        onOutput?.(out, () => child.kill());
      });
      child.stderr.on("data", (chunk: Buffer) => {
        err += chunk.toString();
      });
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code: code ?? -1, out, err });
      });
    });
}

/** Serves the API with the service `web`, whose first release waits to be rolled out to dev. */
export async function openCli(): Promise<CliSetting> {
  const world = await startApiWorld();
  const folder = await mkdtemp(join(tmpdir(), "slipway-cli-"));
  const { ports } = world.memory;
  const tell = async (event: ServiceEvent): Promise<void> => {
    await handle(ports, serviceId("web"), event);
  };
  await tell({ kind: "service-applied", service: aService(), by: "user:ann@example.com" });
  await tell({ kind: "image-found", candidate: aCandidate(1), by: "registry" });
  await writeLocalFile(world, folder, await tokensOf(world, 3600));
  return {
    world,
    folder,
    run: cliIn(folder),
    tell,
    finishRollouts: async () => {
      world.memory.cloudDeploy.finishAll();
      await onTick(ports, "minute");
    },
    close: async () => {
      await world.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A token for each person of the local cloud. */
export async function tokensOf(
  world: ApiWorld,
  lifetimeSeconds: number,
): Promise<Readonly<Record<string, string>>> {
  const mint = async (email: string): Promise<string> => world.mint({ email, lifetimeSeconds });
  return {
    viewer: await mint(PEOPLE.viewer),
    deployer: await mint(PEOPLE.deployer),
    approver: await mint(PEOPLE.approver),
    oncall: await mint(PEOPLE.oncall),
  };
}

/** Describes a world as the local cloud describes itself. */
export async function writeLocalFile(
  world: ApiWorld,
  folder: string,
  tokens: Readonly<Record<string, string>>,
): Promise<void> {
  const nowhere = "127.0.0.1:9";
  const file = {
    project: "slipway",
    location: "us-central1",
    database: "(default)",
    api: world.url,
    audience: AUDIENCE,
    owner: "owner@example.com",
    address: "http://127.0.0.1:1",
    tokens,
    endpoints: {
      identity: world.wiring.config.identity.issuers[0],
      storage: `http://${nowhere}`,
      cloudDeploy: `http://${nowhere}`,
      cloudRun: `http://${nowhere}`,
      artifactRegistry: `http://${nowhere}`,
      firestore: nowhere,
      pubsub: nowhere,
      secretManager: `http://${nowhere}`,
      scheduler: `http://${nowhere}`,
      cloudSql: `http://${nowhere}`,
      gkeBackup: `http://${nowhere}`,
      monitoring: `http://${nowhere}`,
      iam: `http://${nowhere}`,
      resourceManager: `http://${nowhere}`,
      serviceUsage: `http://${nowhere}`,
      cloudBilling: `http://${nowhere}`,
      cloudFunctions: `http://${nowhere}`,
      slack: `http://${nowhere}`,
      github: `http://${nowhere}`,
    },
  };
  await mkdir(join(folder, ".slipway"), { recursive: true });
  await writeFile(join(folder, ".slipway", "local.json"), JSON.stringify(file));
}

/** The lines of an output, without spaces at their ends and without empty ones. */
export function linesOf(output: string): readonly string[] {
  return output.split("\n").filter((line) => line.trim() !== "");
}
