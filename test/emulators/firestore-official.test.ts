import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, vi } from "vitest";
import { mustSkip } from "../support/needs.ts";
import type { Opened } from "./firestore-bench.ts";
import { firestoreContract } from "./firestore-contract.ts";

/** Where Google's emulator (gcloud 528) is further from the service, as its documentation has it. */
const GOOGLES_DIFFERENCES = {
  "a write to another database is refused": "it writes to whatever database a name is in",
  "500 transforms in one write are done, 501 are refused": "it has no limit",
};

const WAIT = { timeout: 20_000, interval: 50 };

const gcloud = findGcloud();

describe.skipIf(gcloud === null && mustSkip("Google's Firestore emulator"))(
  "Google's Firestore emulator (skipped where gcloud lacks its component cloud-firestore-emulator, or there is no Java)",
  () => {
    firestoreContract(() => startGoogles(gcloud ?? ""), GOOGLES_DIFFERENCES);
  },
);

/** The gcloud that has the emulator, if there is also a Java to run it; else null. */
function findGcloud(): string | null {
  const hasJava = findCommands("java").length > 0;
  return hasJava ? (findCommands("gcloud").find(hasEmulator) ?? null) : null;
}

function findCommands(name: string): readonly string[] {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).filter((command) => existsSync(command));
}

function hasEmulator(command: string): boolean {
  const root = join(realpathSync(command), "..", "..");
  return existsSync(join(root, "platform/cloud-firestore-emulator/cloud_firestore_emulator"));
}

async function startGoogles(command: string): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), "firestore-"));
  const grpcAddress = `127.0.0.1:${await findFreePort()}`;
  // gcloud starts Java as a child, so both get a group of their own to be ended together.
  const child = spawn(command, ["emulators", "firestore", "start", `--host-port=${grpcAddress}`], {
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
    await vi.waitFor(() => checkGone(group), WAIT);
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await vi.waitFor(() => checkUp(grpcAddress), WAIT);
  } catch (error) {
    await close();
    throw error;
  }
  return { grpcAddress, close };
}

/** Rejects until the emulator answers. */
async function checkUp(grpcAddress: string): Promise<void> {
  const { ok, status } = await fetch(`http://${grpcAddress}/`);
  if (!ok) {
    throw new Error(`Google's emulator answers ${status}`);
  }
}

/** Throws while a process of the group is alive; Java outlives gcloud a little. */
function checkGone(group: number): void {
  try {
    process.kill(group, 0);
  } catch {
    return;
  }
  throw new Error("Google's emulator still runs");
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
