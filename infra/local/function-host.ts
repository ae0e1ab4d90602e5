import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Host, Hosted } from "../../emulators/cloud-functions/functions.ts";
import { openPrivateLog } from "../../emulators/kit/private-files.ts";
import { COMPILED } from "../cli/compiled.ts";
import { HostAnswer } from "./function-messages.ts";
import type { HostRequest } from "./function-messages.ts";
import { isInPlace } from "./in-place.ts";
import { findPorts } from "./ports.ts";

/** What runs the functions that the local cloud installs: one process. */
export type FunctionHost = Host & {
  /** Starts the process before the first function is asked for: it has something to load. */
  readonly prepare: () => void;
  /** The present process's id; another one after a restart, null before the first function. */
  readonly pid: () => number | null;
  readonly close: () => Promise<void>;
};

/** How the functions are run. */
export type FunctionHostOptions = {
  /** Ports that are taken, whether or not anybody listens there yet. */
  readonly taken: readonly number[];
  /** Where their log goes. */
  readonly logFile: string;
  /** Where programs are looked for. */
  readonly path: string | undefined;
  /** Called when they serve again in a new process. */
  readonly onRestart: (pid: number) => void;
  /** Called when their process ended without being told to. */
  readonly onDeath: (reason: string) => void;
};

const RESTART_AFTER_MS = 200;

/**
 * A laptop has better use for the memory: young objects get little room, for the functions make few; and where V8 may
 * take a quarter of the machine, it lets garbage lie that it collects under a bound.
 */
const MEMORY = ["--max-semi-space-size=4", "--max-old-space-size=1000"];
const SCRIPT = fileURLToPath(new URL("serve-functions.ts", import.meta.url));

type Serve = Extract<HostRequest, { kind: "serve" }>;

/** Who waits for the answer to a request. */
type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** The process, and what it is asked for. */
type Running = {
  readonly options: FunctionHostOptions;
  readonly log: number;
  readonly wanted: Map<number, Serve>;
  readonly waiting: Map<number, Waiting>;
  /** When the last port was found: two that look at once could find the same one. */
  portFound: Promise<unknown>;
  child: ChildProcess | null;
  isClosing: boolean;
};

/** Runs functions in place, and runs them again whenever their process dies. */
export function startFunctionHost(options: FunctionHostOptions): FunctionHost {
  const running: Running = {
    options,
    portFound: Promise.resolve(),
    log: openPrivateLog(options.logFile),
    wanted: new Map(),
    waiting: new Map(),
    child: null,
    isClosing: false,
  };
  let requests = 0;
  return {
    pid: () => running.child?.pid ?? null,
    prepare: () => {
      running.child ??= begin(running);
    },
    start: async (hosted) => {
      if (!isInPlace(hosted.archive)) {
        return null;
      }
      requests += 1;
      const request = await toRequest(running, hosted, requests);
      await serve(running, request);
      return {
        address: `127.0.0.1:${request.port}`,
        stop: async () => {
          running.wanted.delete(request.id);
          await ask(running, { kind: "end", id: request.id }).catch(() => null);
        },
      };
    },
    close: async () => {
      running.isClosing = true;
      await stop(running.child);
    },
  };
}

async function toRequest(
  running: Running,
  { target, environment }: Hosted,
  id: number,
): Promise<Serve> {
  const found = running.portFound.then(async () => {
    const used = [...running.wanted.values()].map((one) => one.port);
    const [port = 0] = await findPorts(1, [...running.options.taken, ...used]);
    // As Google's buildpack sets it; without it the functions framework answers with stack traces.
    const own = { ...environment, NODE_ENV: "production" };
    const request: Serve = { kind: "serve", id, target, port, environment: own };
    running.wanted.set(id, request);
    return request;
  });
  running.portFound = found;
  return found;
}

/** @throws Error when it cannot be served: then it is not tried again. */
async function serve(running: Running, request: Serve): Promise<void> {
  running.child ??= begin(running);
  try {
    await ask(running, request);
  } catch (error) {
    running.wanted.delete(request.id);
    throw error;
  }
}

/** @throws Error when the request fails, or the process ends before it answers. */
async function ask({ child, waiting }: Running, request: HostRequest): Promise<void> {
  if (child?.connected !== true) {
    throw new Error("the functions' process has ended");
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  waiting.set(request.id, { resolve, reject });
  child.send(request);
  return promise;
}

function begin(running: Running): ChildProcess {
  const { options, log, waiting } = running;
  const child = fork(SCRIPT, [], {
    env: { PATH: options.path ?? "", NODE_COMPILE_CACHE: COMPILED },
    stdio: ["ignore", log, log, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning", ...MEMORY],
  });
  child.on("message", (message) => {
    const { id, error } = HostAnswer.parse(message);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === null) {
      asked?.resolve();
    } else {
      asked?.reject(new Error(error));
    }
  });
  child.once("exit", (code, signal) => {
    const reason = signal ?? `exit code ${code ?? "unknown"}`;
    waiting.forEach(({ reject }) => {
      reject(new Error(`the functions' process ended: ${reason}`));
    });
    waiting.clear();
    if (!running.isClosing) {
      options.onDeath(reason);
      setTimeout(() => void beginAgain(running), RESTART_AFTER_MS);
    }
  });
  return child;
}

/** What was served is served again, at the same ports. A process that ends meanwhile is replaced in its turn. */
async function beginAgain(running: Running): Promise<void> {
  if (running.isClosing) {
    return;
  }
  const child = begin(running);
  running.child = child;
  const again = [...running.wanted.values()].map(async (request) => ask(running, request));
  const served = await Promise.allSettled(again);
  if (running.child === child && served.every(({ status }) => status === "fulfilled")) {
    running.options.onRestart(child.pid ?? 0);
  }
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
