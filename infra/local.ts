import { join } from "node:path";
import type { CloudAccess } from "../emulators/kit/access/cloud-access.ts";
import { makePrivateFolder } from "../emulators/kit/private-files.ts";
import { authorityFiles, prepareAuthority } from "./local/authority.ts";
import { startBeat } from "./local/beat.ts";
import type { Beat } from "./local/beat.ts";
import { ACCOUNTS } from "./local/account-roles.ts";
import { enforce, openAccess, startChecked } from "./local/checked.ts";
import type { CheckedCloud } from "./local/checked.ts";
import { startEmulators } from "./local/emulators.ts";
import type { Emulators } from "./local/emulators.ts";
import { endpointsEnvironment, functionsEnvironment } from "./local/functions-environment.ts";
import { runFunctions } from "./local/functions-process.ts";
import type { FunctionsProcess } from "./local/functions-process.ts";
import { describeLocal, writeLocalFile } from "./local/local-file.ts";
import type { LocalFile } from "./local/local-file.ts";
import { openFront } from "./local/front.ts";
import { choosePorts, findPorts } from "./local/ports.ts";
import type { Endpoint } from "./local/ports.ts";
import { startSamples } from "./local/samples-process.ts";
import { scheduleTicks } from "./local/schedule.ts";
import { keepSlackSecrets } from "./local/slack.ts";
import { LOCAL_EVENTS_ACCOUNT } from "./local/settings.ts";
import type { LocalSettings } from "./local/settings.ts";
import { connectFunctions } from "./local/topics.ts";

/** How often the description's tokens are made anew: well before the hour for which they are good. */
const TOKENS_EVERY_MS = 30 * 60_000;

/** The local cloud, running. */
export type LocalCloud = {
  readonly file: LocalFile;
  readonly emulators: Emulators;
  /** The quick ticks, which a measurement stops. */
  readonly beat: Beat;
  /** What was asked of policies, where callers are checked. */
  readonly access: CloudAccess | null;
  readonly close: () => Promise<void>;
};

/** Tells what happens to the local cloud that a person should know. */
export type Tell = (line: string) => void;

/**
 * Starts every emulator and every function, applies the samples, and describes it all in
 * `.slipway/local.json`. The functions run in a process of their own, which is started again if it dies.
 * With `isEmpty` there are the emulators alone, and whoever installs is to make the rest.
 */
export async function startLocal(settings: LocalSettings, tell: Tell): Promise<LocalCloud> {
  const folder = join(settings.directory, ".slipway");
  makePrivateFolder(folder);
  await prepareAuthority(settings.directory);
  const ports = await choosePorts(settings.portFirst);
  return settings.isEmpty === true || settings.isChecked === true
    ? startChecking(settings, ports)
    : startWhole(settings, ports, tell);
}

type Ports = Readonly<Record<Endpoint, number>>;

async function startWhole(settings: LocalSettings, ports: Ports, tell: Tell): Promise<LocalCloud> {
  const { trustedRoot } = authorityFiles(settings.directory);
  const environment = functionsEnvironment(ports, process.env, trustedRoot);
  const samples = startSamples({ environment, logFile: logOf(settings) });
  const emulators = await startEmulators({
    ports,
    dataDirectory: dataOf(settings),
    isEmpty: false,
    path: process.env["PATH"],
    environmentOf: () => endpointsEnvironment(ports, trustedRoot),
  });
  connectFunctions(emulators, ports);
  const instances = await openFunctions(emulators, ports);
  const parts = { settings, ports, instances, emulators, environment };
  const beat = beatOn(ports, emulators);
  const [functions] = await Promise.all([
    runLocalFunctions({ ...parts, beat }, tell),
    samples.apply(ports),
    scheduleTicks(emulators.scheduler.url),
    keepSlackSecrets(emulators.secretManager.url),
  ]);
  beat.now();
  return describe({ ...parts, beat, functions, checked: null });
}

/**
 * A cloud that checks every caller: an empty one, or one that was installed into and has the samples. Functions run as
 * their accounts, each in a process of its own.
 */
async function startChecking(settings: LocalSettings, ports: Ports): Promise<LocalCloud> {
  const { trustedRoot } = authorityFiles(settings.directory);
  const access = openAccess();
  const hosts = new Map<string, string>();
  const emulators = await startEmulators({
    ports,
    dataDirectory: dataOf(settings),
    access,
    isEmpty: true,
    path: process.env["PATH"],
    environmentOf: (account) => ({
      ...endpointsEnvironment(ports, trustedRoot),
      GCE_METADATA_HOST: hosts.get(account) ?? "",
    }),
  });
  const checked = await startChecked(access, emulators);
  hosts.set(ACCOUNTS.run, checked.hosts.run).set(ACCOUNTS.api, checked.hosts.api);
  if (settings.isEmpty !== true) {
    await installWithSamples(settings, ports, emulators);
  }
  enforce(checked, settings);
  const beat = beatOn(ports, emulators);
  beat.now();
  return describe({ settings, ports, emulators, checked, beat, functions: null });
}

async function installWithSamples(
  settings: LocalSettings,
  ports: Ports,
  emulators: Emulators,
): Promise<void> {
  const { directory } = settings;
  const { trustedRoot } = authorityFiles(directory);
  const { installLocal } = await import("./local/install.ts");
  await installLocal(emulators, { directory, api: `http://127.0.0.1:${ports.api}` });
  const environment = functionsEnvironment(ports, process.env, trustedRoot);
  await startSamples({ environment, logFile: logOf(settings) }).apply(ports);
}

function logOf({ directory }: LocalSettings): string {
  return join(directory, ".slipway", "functions.log");
}

function dataOf({ directory, isKept }: LocalSettings): string | null {
  return isKept ? join(directory, ".slipway", "data") : null;
}

function beatOn(ports: Ports, { identity }: Emulators): Beat {
  const ticked = `http://127.0.0.1:${ports.onTick}/`;
  return startBeat(ticked, async () =>
    identity.mint({ email: LOCAL_EVENTS_ACCOUNT, audience: ticked }),
  );
}

type Parts = {
  readonly settings: LocalSettings;
  readonly ports: Ports;
  /** Where the functions listen, behind the front, by their names. */
  readonly instances: Readonly<Record<string, number>>;
  readonly emulators: Emulators;
  readonly beat: Beat;
  readonly environment: Readonly<Record<string, string>>;
};

/** Opens every function's address at the front, and says where the functions themselves are to listen. */
async function openFunctions(
  { edge }: Emulators,
  ports: Ports,
): Promise<Readonly<Record<string, number>>> {
  const known = {
    "on-image-push": ports.onImagePush,
    "on-deploy-notification": ports.onDeployNotification,
    "on-incident": ports.onIncident,
    "on-tick": ports.onTick,
    "on-work": ports.onWork,
    api: ports.api,
    web: ports.web,
    chat: ports.chat,
  };
  const names = Object.entries(known);
  const free = await findPorts(names.length, Object.values(ports));
  const behind = names.map(([name, port], index) => {
    return { name, port, instancePort: free[index] ?? 0 };
  });
  await openFront(edge, behind);
  return Object.fromEntries(behind.map(({ name, instancePort }) => [name, instancePort]));
}

/** One process runs all functions. */
async function runLocalFunctions(parts: Parts, tell: Tell): Promise<FunctionsProcess> {
  const { settings, ports, beat } = parts;
  return runFunctions({
    ports: parts.instances,
    environment: parts.environment,
    logFile: logOf(settings),
    onReady: (pid, isRestart) => {
      if (isRestart) {
        tell(`the functions run again as process ${pid}`);
        void describeLocal(parts.emulators, ports, pid).then((file) =>
          writeLocalFile(settings.directory, file),
        );
        beat.now();
      }
    },
    onDeath: (reason) => {
      tell(`the functions' process ended (${reason}) and is started again`);
    },
  });
}

type Started = Pick<Parts, "settings" | "ports" | "emulators" | "beat"> & {
  /** Where callers are checked. */
  readonly checked: CheckedCloud | null;
  /** The process of the functions; null where each function has one of its own. */
  readonly functions: FunctionsProcess | null;
};

async function describe(started: Started): Promise<LocalCloud> {
  const { emulators, ports, functions, settings, beat, checked } = started;
  const write = async (): Promise<LocalFile> => {
    const fresh = await describeLocal(emulators, ports, functions?.pid() ?? null);
    await writeLocalFile(settings.directory, fresh);
    return fresh;
  };
  const file = await write();
  const renewal = setInterval(() => void write(), TOKENS_EVERY_MS);
  return {
    file,
    emulators,
    beat,
    access: checked?.access ?? null,
    close: async () => {
      clearInterval(renewal);
      await beat.close();
      await functions?.close();
      await checked?.close();
      await emulators.close();
    },
  };
}
