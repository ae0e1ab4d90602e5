import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findPorts } from "../ports.ts";

/** An emulator that gcloud has. */
export type Kind = "firestore" | "pubsub";

/** One of Google's own emulators, running. */
export type GooglesEmulator = {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
};

const PROGRAMS: Readonly<Record<Kind, string>> = {
  firestore: "cloud-firestore-emulator/cloud_firestore_emulator",
  pubsub: "pubsub-emulator/bin/cloud-pubsub-emulator",
};

/** Without `beta` gcloud does not know the emulator of Pub/Sub. The project is that of whoever names none. */
const COMMANDS: Readonly<Record<Kind, readonly string[]>> = {
  firestore: ["emulators", "firestore", "start"],
  pubsub: ["beta", "emulators", "pubsub", "start", "--project=acme"],
};

const KEEPER = fileURLToPath(new URL("keep-while-wanted.ts", import.meta.url));

/** Java takes a while on a busy machine. */
const ANSWER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** The gcloud that has the emulator, if there is also a Java to run it; else null. */
export function findGcloud(kind: Kind, path: string | null): string | null {
  const hasJava = findCommands("java", path).length > 0;
  return hasJava
    ? (findCommands("gcloud", path).find((command) => hasEmulator(command, kind)) ?? null)
    : null;
}

function findCommands(name: string, path: string | null): readonly string[] {
  const folders = (path ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).filter((command) => existsSync(command));
}

function hasEmulator(command: string, kind: Kind): boolean {
  return existsSync(join(realpathSync(command), "..", "..", "platform", PROGRAMS[kind]));
}

/**
 * Starts one of Google's emulators, which ends with this process, however that ends. It takes seconds until it listens: who
 * chooses other ports meanwhile also chooses its.
 * @throws Error when it does not answer
 */
export async function startGoogles(
  command: string,
  kind: Kind,
  chosen?: number,
): Promise<GooglesEmulator> {
  const folder = mkdtempSync(join(tmpdir(), `slipway-${kind}-`));
  const [port = 0] = chosen === undefined ? await findPorts(1, []) : [chosen];
  const grpcAddress = `127.0.0.1:${port}`;
  // What gcloud keeps for its user is none of the emulator's.
  const variables = [`CLOUDSDK_CONFIG=${folder}`, "CLOUDSDK_CORE_DISABLE_PROMPTS=1"];
  const line = ["env", ...variables, command, ...COMMANDS[kind], `--host-port=${grpcAddress}`];
  const keeper = spawn(process.execPath, [KEEPER, ...line], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  // What ends by itself no longer reads: there is nothing left to tell it.
  keeper.stdin.on("error", () => null);
  const ended = once(keeper, "exit");
  async function close(): Promise<void> {
    keeper.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  const endMs = Date.now() + ANSWER_WITHIN_MS;
  while (!(await answers(grpcAddress))) {
    if (Date.now() > endMs || keeper.exitCode !== null) {
      await close();
      throw new Error(`Google's ${kind} emulator (${command}) does not answer on ${grpcAddress}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
  return { port, grpcAddress, close };
}

async function answers(grpcAddress: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${grpcAddress}/`);
    return response.ok;
  } catch {
    return false;
  }
}
