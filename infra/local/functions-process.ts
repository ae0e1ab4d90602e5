import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { openPrivateLog } from "../../emulators/kit/private-files.ts";

/** The functions, running in a process of their own. */
export type FunctionsProcess = {
  /** The present process's id; another one after a restart. */
  readonly pid: () => number | null;
  readonly close: () => Promise<void>;
};

/** How to run the functions. */
export type FunctionsOptions = {
  /** Port by function name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Where their log goes. */
  readonly logFile: string;
  /** Called each time they are ready, with their process's id. */
  readonly onReady: (pid: number, isRestart: boolean) => void;
  /** Called when they ended without being told to. */
  readonly onDeath: (reason: string) => void;
};

const RESTART_AFTER_MS = 200;
const SCRIPT = fileURLToPath(new URL("serve-functions.ts", import.meta.url));

/** Runs the functions, and runs them again whenever their process dies. Resolves when they are ready first. */
export async function runFunctions(options: FunctionsOptions): Promise<FunctionsProcess> {
  const log = openPrivateLog(options.logFile);
  let child: ChildProcess | null = null;
  let isClosing = false;
  let starts = 0;

  async function start(): Promise<void> {
    const current = spawn(options, log);
    child = current;
    starts += 1;
    const isRestart = starts > 1;
    current.once("exit", (code, signal) => {
      if (!isClosing) {
        options.onDeath(signal ?? `exit code ${code ?? "unknown"}`);
        setTimeout(() => {
          if (!isClosing) {
            void start();
          }
        }, RESTART_AFTER_MS);
      }
    });
    return new Promise((resolve) => {
      current.once("message", () => {
        options.onReady(current.pid ?? 0, isRestart);
        resolve();
      });
      current.once("exit", () => {
        resolve();
      });
    });
  }

  await start();
  return {
    pid: () => child?.pid ?? null,
    close: async () => {
      isClosing = true;
      await stop(child);
    },
  };
}

function spawn(options: FunctionsOptions, log: number): ChildProcess {
  const functions = Object.entries(options.ports).map(([name, port]) => `${name}=${port}`);
  return fork(SCRIPT, functions, {
    env: options.environment,
    stdio: ["ignore", log, log, "ipc"],
    // Young objects get little room: the functions make few, and a laptop has better use for the memory.
    execArgv: ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=8"],
  });
}

async function stop(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  await new Promise<void>((resolve) => {
    child.once("exit", () => {
      resolve();
    });
    child.kill("SIGTERM");
  });
}
