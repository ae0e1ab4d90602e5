import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { openPrivateLog } from "../../emulators/kit/private-files.ts";
import type { Installing } from "./install.ts";

const SCRIPT = fileURLToPath(new URL("run-install.ts", import.meta.url));

/** What the process says when it is done. */
export const INSTALLED = "installed";

/** The installation on its way: it is made when the emulators are there. */
export type InstallProcess = {
  /** @throws Error when it could not be made; the log says why. */
  readonly install: () => Promise<void>;
};

/** Begins an installation, with its environment and the file that says what went wrong. */
export type StartInstall = (
  installing: Installing,
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly logFile: string;
  },
) => InstallProcess;

/** Starts the process that installs, which has much to load first. */
export const startInstall: StartInstall = (installing, options) => {
  const log = openPrivateLog(options.logFile);
  const child = fork(SCRIPT, [JSON.stringify(installing)], {
    env: options.environment,
    stdio: ["ignore", log, log, "ipc"],
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  const told = once(child, "message").then(([message]) => message === INSTALLED);
  const isInstalled = Promise.race([told, once(child, "exit").then(() => false)]);
  return {
    install: async () => {
      if (child.connected) {
        child.send("up");
      }
      if (!(await isInstalled)) {
        throw new Error(`Slipway could not be installed here; see ${options.logFile}`);
      }
    },
  };
};
