import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { connect, createServer } from "node:net";

/** An instance of a function: a process that listens. */
export type Instance = {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Ends it as the platform does: SIGTERM, and SIGKILL when that does not help. */
  readonly stop: () => Promise<void>;
};

/** How an instance is started. */
export type Start = {
  /** Where the built function is. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly target: string;
  readonly signature: "http" | "cloudevent";
  /** Where its output goes. */
  readonly logFile: string;
};

/** What the image runs, and before it what ends the instance with this process. */
const RUN = 'exec node --import="$0" node_modules/.bin/functions-framework';
const WATCHER = new URL("end-with-parent.ts", import.meta.url).href;

const PROBE_EVERY_MS = 10;

/** How long a container may take until it listens. Source: https://cloud.google.com/run/docs/configuring/healthchecks */
const START_TIMEOUT_MS = 240_000;

/** Between SIGTERM and SIGKILL. Source: https://cloud.google.com/run/docs/container-contract */
const GRACE_MS = 10_000;

/**
 * Starts an instance as the image that the buildpack makes does, and waits until it listens on its port: that
 * is the start-up probe. Null when it ends before.
 */
export async function startInstance(start: Start): Promise<Instance | null> {
  const port = await freePort();
  const log = openSync(start.logFile, "a");
  const child = spawn("/bin/bash", ["-c", RUN, WATCHER], {
    cwd: start.folder,
    env: {
      ...start.environment,
      NODE_ENV: "production",
      FUNCTION_TARGET: start.target,
      FUNCTION_SIGNATURE_TYPE: start.signature,
      PORT: String(port),
    },
    stdio: ["pipe", log, log],
  });
  closeSync(log);
  const isUp = await listens(child, port);
  if (!isUp) {
    await end(child);
    return null;
  }
  return { address: `127.0.0.1:${port}`, stop: async () => end(child) };
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null && performance.now() < endMs) {
    if (await answers(port)) {
      return true;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, PROBE_EVERY_MS);
    });
  }
  return false;
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return;
  }
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await exited;
  clearTimeout(timer);
}

/** A port on which nobody listens now. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return address === null || typeof address === "string" ? 0 : address.port;
}
