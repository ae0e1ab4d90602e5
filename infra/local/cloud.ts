import { join } from "node:path";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { ACCOUNTS } from "./account-roles.ts";
import { openAddress } from "./address/server.ts";
import { deliverAnywhere, openAnywhere } from "./anywhere.ts";
import { prepareAuthority } from "./authority.ts";
import { startBeat } from "./beat.ts";
import type { Beat } from "./beat.ts";
import { faultControl } from "./control/faults.ts";
import { controlListener } from "./control/server.ts";
import { openAccess, settle, startIdentities } from "./checked.ts";
import { startEmulators } from "./emulators.ts";
import type { Emulators } from "./emulators.ts";
import { startFunctionHost } from "./function-host.ts";
import type { FunctionHost } from "./function-host.ts";
import type { InstallProcess } from "./install-process.ts";
import { describeLocal, writeLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_EVENTS_ACCOUNT } from "./settings.ts";
import type { LocalSettings } from "./settings.ts";

/** How often the description's tokens are made anew: well before the hour for which they are good. */
const TOKENS_EVERY_MS = 30 * 60_000;

/** The local cloud, running. */
export type LocalCloud = {
  readonly file: LocalFile;
  readonly emulators: Emulators;
  /** The quick ticks, which a measurement stops. */
  readonly beat: Beat;
  /** What was asked of policies. */
  readonly access: CloudAccess;
  readonly close: () => Promise<void>;
};

/** Tells what happens to the local cloud that a person should know. */
export type Tell = (line: string) => void;

type Ports = Readonly<Record<Endpoint, number>>;

/** What a local cloud is opened with. */
export type Opening = {
  readonly ports: Ports;
  /** Where everything is, as the functions are told. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Where the functions log to. */
  readonly logFile: string;
  /** Where programs are looked for. */
  readonly path: string | undefined;
  readonly tell: Tell;
  /** Who installs Slipway once the emulators are there; null: somebody else will. */
  readonly installing: InstallProcess | null;
};

/** Starts the emulators, has Slipway installed there, and describes what runs. @throws Error when it could not be installed. */
export async function openCloud(settings: LocalSettings, opening: Opening): Promise<LocalCloud> {
  const { ports, installing } = opening;
  await prepareAuthority(settings.directory);
  const parts = await startParts(settings, opening);
  const { access, beat } = parts;
  // As soon as it is there, the function of the ticks loads what it needs and takes up what the samples ask for.
  beat.now();
  if (installing !== null) {
    await installing.install();
    deliverAnywhere(access);
    await parts.emulators.pubsub.idle();
  }
  settle(access, settings);
  return describe(settings, ports, parts);
}

type Parts = {
  readonly access: CloudAccess;
  readonly emulators: Emulators;
  readonly host: FunctionHost;
  readonly beat: Beat;
  /** Stops all of them. */
  readonly close: () => Promise<void>;
};

async function startParts(settings: LocalSettings, opening: Opening): Promise<Parts> {
  const { ports, endpoints, logFile, path, tell } = opening;
  const persistence = settings.isKept ? directoryPersistence(dataOf(settings)) : undefined;
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
    access,
    host,
    path,
    environmentOf: (account) => ({ ...endpoints, GCE_METADATA_HOST: hosts.get(account) ?? "" }),
  });
  openAnywhere(access);
  const identities = await startIdentities(emulators);
  for (const account of ["run", "api", "notice"] as const) {
    hosts.set(ACCOUNTS[account], identities.hosts[account]);
  }
  const faults = faultControl(() => emulators);
  const address = await openAddress(ports, controlListener({ faults }));
  const beat = beatOn(ports, emulators);
  told.again = (pid) => {
    tell(`the functions run again as process ${pid}`);
    void describeLocal(emulators, ports, pid).then((file) =>
      writeLocalFile(settings.directory, file),
    );
    beat.now();
  };
  const close = async (): Promise<void> => {
    await address.close();
    await beat.close();
    await host.close();
    await identities.close();
    await emulators.close();
  };
  return { access, emulators, host, beat, close };
}

function dataOf({ directory }: LocalSettings): string {
  return join(directory, ".slipway", "data");
}

function beatOn(ports: Ports, { identity }: Emulators): Beat {
  const ticked = `http://127.0.0.1:${ports.onTick}/`;
  return startBeat(ticked, async () =>
    identity.mint({ email: LOCAL_EVENTS_ACCOUNT, audience: ticked }),
  );
}

async function describe(
  { directory }: LocalSettings,
  ports: Ports,
  { access, emulators, host, beat, close }: Parts,
): Promise<LocalCloud> {
  const write = async (): Promise<LocalFile> => {
    const fresh = await describeLocal(emulators, ports, host.pid());
    await writeLocalFile(directory, fresh);
    return fresh;
  };
  const file = await write();
  const renewal = setInterval(() => void write(), TOKENS_EVERY_MS);
  return {
    file,
    emulators,
    beat,
    access,
    close: async () => {
      clearInterval(renewal);
      await close();
    },
  };
}
