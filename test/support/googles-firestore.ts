import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { vi } from "vitest";

/** Google's own emulator of Firestore, running. */
export type GooglesFirestore = {
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
};

const WAIT = { timeout: 20_000, interval: 50 };

/** The gcloud that has the emulator, if there is also a Java to run it; else null. */
export function findGcloud(): string | null {
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

/** Starts Google's emulator of Firestore. */
export async function startGoogles(command: string): Promise<GooglesFirestore> {
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
