import { join } from "node:path";
import { makePrivateFolder } from "../emulators/kit/private-files.ts";
import { authorityFiles } from "./local/authority-files.ts";
import { clockFile } from "./local/clock-file.ts";
import type { LocalCloud, Tell } from "./local/cloud.ts";
import {
  endpointsEnvironment,
  handedOn,
  installEnvironment,
} from "./local/functions-environment.ts";
import type { InstallProcess, StartInstall } from "./local/install-process.ts";
import { startInstall } from "./local/install-process.ts";
import { choosePorts } from "./local/ports.ts";
import type { LocalSettings } from "./local/settings.ts";

/**
 * Starts every emulator, installs Slipway there as `slipway install` does on Google Cloud, applies the samples, and
 * describes it all in `.slipway/local.json`. Every caller is checked. The functions run in a process of their own, which is
 * started again if it dies. With `isEmpty` there are the emulators alone, and whoever installs is to make the rest.
 * `begin` says where it is installed from.
 */
export async function startLocal(
  settings: LocalSettings,
  tell: Tell,
  begin: StartInstall = startInstall,
): Promise<LocalCloud> {
  const { directory, isEmpty = false } = settings;
  const folder = join(directory, ".slipway");
  makePrivateFolder(folder);
  const ports = await choosePorts(settings.portFirst);
  const endpoints = {
    ...endpointsEnvironment(ports, {
      trustedRoot: authorityFiles(directory).trustedRoot,
      clock: clockFile(directory),
    }),
    ...handedOn({ ...process.env, ...settings.variables }),
  };
  const logFile = join(folder, "functions.log");
  const environment = installEnvironment(endpoints, process.env);
  const installAgain = (): InstallProcess | null =>
    isEmpty ? null : begin({ directory, ports }, { environment, logFile });
  const installing = installAgain();
  // Loaded only now, since the other process has as much to load.
  const { openCloud } = await import("./local/cloud.ts");
  const path = process.env["PATH"];
  return openCloud(settings, { ports, endpoints, logFile, path, tell, installing, installAgain });
}
