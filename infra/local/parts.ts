import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import type { MovableClock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { makePrivateFolder } from "../../emulators/kit/private-files.ts";
import {
  directoryPersistence,
  passingPersistence,
  STATE_FILE_NAME,
} from "../../emulators/kit/store.ts";
import { ACCOUNTS } from "./account-roles.ts";
import { openAnywhere } from "./anywhere.ts";
import { startBeat } from "./beat.ts";
import type { Beat } from "./beat.ts";
import { openAccess, startIdentities } from "./checked.ts";
import { openClock } from "./clock.ts";
import { startEmulators } from "./emulators.ts";
import type { Emulators } from "./emulators.ts";
import { startFunctionHost } from "./function-host.ts";
import type { FunctionHost } from "./function-host.ts";
import { LENGTHS } from "./pace.ts";
import type { PaceSetting } from "./pace.ts";
import type { Endpoint } from "./ports.ts";
import type { Save } from "./saves.ts";
import { LOCAL_EVENTS_ACCOUNT } from "./settings.ts";
import type { LocalSettings } from "./settings.ts";

/** What a local cloud runs on, from a start to an end. */
export type Parts = {
  readonly clock: MovableClock;
  readonly access: CloudAccess;
  readonly emulators: Emulators;
  readonly host: FunctionHost;
  readonly beat: Beat;
  readonly persistence: Persistence;
  /** Stops all of them. */
  readonly close: () => Promise<void>;
};

/** What parts are started with. */
export type Starting = {
  readonly ports: Readonly<Record<Endpoint, number>>;
  /** Where everything is, as the functions are told. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Where the functions log to. */
  readonly logFile: string;
  /** Where programs are looked for. */
  readonly path: string | undefined;
  /** How long things take. */
  readonly pace: PaceSetting;
  /** Tells what happens that a person should know. */
  readonly tell: (line: string) => void;
  /** Called when the functions run again in another process. */
  readonly onRestart: () => void;
};

/** What parts begin with: what was kept, if anything is; nothing; or what was saved. */
export type Beginning = "kept" | "new" | Save;

/** Starts the emulators and what runs functions. @throws StoreError when what they begin with cannot be read */
export async function startParts(
  settings: LocalSettings,
  starting: Starting,
  beginning: Beginning = "kept",
): Promise<Parts> {
  const { ports, endpoints, logFile, path, pace, tell } = starting;
  const save = typeof beginning === "string" ? null : beginning;
  const persistence = openPersistence(settings, beginning);
  const clock = openClock(settings.directory, persistence);
  const access = openAccess(persistence);
  const hosts = new Map<string, string>();
  const told: { again?: (pid: number) => void } = {};
  const host = startFunctionHost({
    taken: Object.values(ports),
    logFile,
    path,
    onRestart: (pid) => told.again?.(pid),
    onDeath: (reason) => {
      tell(`the functions' process ended (${reason}) and is started again`);
    },
  });
  const emulators = await startEmulators({
    ports,
    persistence,
    dataDirectory: settings.isKept ? dataOf(settings) : null,
    blobsFrom: save?.blobs ?? null,
    clock,
    pace: () => LENGTHS[pace.get()],
    access,
    host,
    path,
    official: settings.official ?? null,
    environmentOf: (account) => ({ ...endpoints, GCE_METADATA_HOST: hosts.get(account) ?? "" }),
  });
  openAnywhere(access);
  const identities = await startIdentities(emulators);
  for (const account of ["run", "api", "notice"] as const) {
    hosts.set(ACCOUNTS[account], identities.hosts[account]);
  }
  const beat = beatOn(ports.onTick, emulators, pace);
  told.again = (pid) => {
    tell(`the functions run again as process ${pid}`);
    starting.onRestart();
    beat.now();
  };
  const close = async (): Promise<void> => {
    await beat.close();
    await host.close();
    await identities.close();
    await emulators.close();
  };
  return { clock, access, emulators, host, beat, persistence, close };
}

function openPersistence(settings: LocalSettings, beginning: Beginning): Persistence {
  const data = dataOf(settings);
  const save = typeof beginning === "string" ? null : beginning;
  if (!settings.isKept) {
    return passingPersistence(save?.state ?? null);
  }
  if (beginning !== "kept") {
    rmSync(data, { recursive: true, force: true });
  }
  if (save !== null) {
    makePrivateFolder(data);
    copyFileSync(save.state, join(data, STATE_FILE_NAME));
  }
  return directoryPersistence(data);
}

/** Where what is kept is. */
function dataOf({ directory }: LocalSettings): string {
  return join(directory, ".slipway", "data");
}

/** On Google Cloud there are no quick ticks. */
function beatOn(port: number, { identity }: Emulators, pace: PaceSetting): Beat {
  const ticked = `http://127.0.0.1:${port}/`;
  return startBeat(ticked, {
    token: async () => identity.mint({ email: LOCAL_EVENTS_ACCOUNT, audience: ticked }),
    isOn: () => pace.get() === "fast",
  });
}
