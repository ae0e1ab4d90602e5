import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openPrivateLog } from "../../emulators/kit/private-files.ts";
import type { Endpoint } from "./ports.ts";

const SCRIPT = fileURLToPath(new URL("apply-samples.ts", import.meta.url));

/** The samples on their way: they are applied when the emulators are there. */
export type SamplesProcess = {
  /** @throws Error when they could not be applied; the log says why. */
  readonly apply: (ports: Readonly<Record<Endpoint, number>>) => Promise<void>;
};

/** Starts the process that applies the samples, which has much to load first. */
export function startSamples(options: {
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}): SamplesProcess {
  const log = openPrivateLog(options.logFile);
  const child = fork(SCRIPT, [], {
    env: options.environment,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const ended = once(child, "exit");
  return {
    apply: async (ports) => {
      if (child.connected) {
        child.send(ports);
      }
      await ended;
      if (child.exitCode !== 0) {
        throw new Error(`the samples could not be applied; see ${options.logFile}`);
      }
    },
  };
}
