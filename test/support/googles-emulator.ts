import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { until } from "./until.ts";

/** An emulator that gcloud has. */
export type Kind = "firestore" | "pubsub";

/** One of Google's own emulators, running. */
export type GooglesEmulator = {
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
};

const PROGRAMS: Readonly<Record<Kind, string>> = {
  firestore: "cloud-firestore-emulator/cloud_firestore_emulator",
  pubsub: "pubsub-emulator/bin/cloud-pubsub-emulator",
};

/** Without `beta` gcloud does not know the emulator of Pub/Sub. */
const COMMANDS: Readonly<Record<Kind, readonly string[]>> = {
  firestore: ["emulators", "firestore", "start"],
  pubsub: ["beta", "emulators", "pubsub", "start", "--project=acme"],
};

/** The gcloud that has the emulator, if there is also a Java to run it; else null. */
export function findGcloud(kind: Kind): string | null {
  const hasJava = findCommands("java").length > 0;
  return hasJava
    ? (findCommands("gcloud").find((command) => hasEmulator(command, kind)) ?? null)
    : null;
}

function findCommands(name: string): readonly string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).filter((command) => existsSync(command));
}

function hasEmulator(command: string, kind: Kind): boolean {
  return existsSync(join(realpathSync(command), "..", "..", "platform", PROGRAMS[kind]));
}

/** Starts one of Google's emulators. */
export async function startGoogles(command: string, kind: Kind): Promise<GooglesEmulator> {
  const folder = mkdtempSync(join(tmpdir(), `${kind}-`));
  const grpcAddress = `127.0.0.1:${await findFreePort()}`;
  // gcloud starts Java as a child, so both get a group of their own to be ended together.
  const child = spawn(command, [...COMMANDS[kind], `--host-port=${grpcAddress}`], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, CLOUDSDK_CONFIG: folder, CLOUDSDK_CORE_DISABLE_PROMPTS: "1" },
  });
  await once(child, "spawn");
  if (child.pid === undefined) {
    throw new Error("gcloud did not start");
  }
  const group = -child.pid;
  async function close(): Promise<void> {
    process.kill(group, "SIGTERM");
    // Java outlives gcloud a little.
    await until(`Google's ${kind} emulator is gone`, () => isAlive(group), isFalse);
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await until(`Google's ${kind} emulator answers`, () => answers(grpcAddress), isTrue);
  } catch (error) {
    await close();
    throw error;
  }
  return { grpcAddress, close };
}

function isTrue(value: boolean): boolean {
  return value;
}

function isFalse(value: boolean): boolean {
  return !value;
}

async function answers(grpcAddress: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${grpcAddress}/`);
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether a process of the group is alive. */
function isAlive(group: number): Promise<boolean> {
  try {
    process.kill(group, 0);
    return Promise.resolve(true);
  } catch {
    return Promise.resolve(false);
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
