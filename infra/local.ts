import { join } from "node:path";
import type { CloudAccess } from "../emulators/kit/access/cloud-access.ts";
import { makePrivateFolder } from "../emulators/kit/private-files.ts";
import { authorityFiles, prepareAuthority } from "./local/authority.ts";
import { startBeat } from "./local/beat.ts";
import type { Beat } from "./local/beat.ts";
import { enforce, openAccess, startChecked } from "./local/checked.ts";
import type { CheckedCloud } from "./local/checked.ts";
import { connectFunctions, startEmulators } from "./local/emulators.ts";
import type { Emulators } from "./local/emulators.ts";
import { functionsEnvironment } from "./local/functions-environment.ts";
import { runFunctions } from "./local/functions-process.ts";
import type { FunctionsProcess } from "./local/functions-process.ts";
import { describeLocal, writeLocalFile } from "./local/local-file.ts";
import type { LocalFile } from "./local/local-file.ts";
import { openFront } from "./local/front.ts";
import { choosePorts, findPorts } from "./local/ports.ts";
import type { Endpoint } from "./local/ports.ts";
import { startSamples } from "./local/samples-process.ts";
import { scheduleTicks } from "./local/schedule.ts";
import { LOCAL_EVENTS_ACCOUNT } from "./local/settings.ts";
import type { LocalSettings } from "./local/settings.ts";

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
 */
export async function startLocal(settings: LocalSettings, tell: Tell): Promise<LocalCloud> {
  const folder = join(settings.directory, ".slipway");
  makePrivateFolder(folder);
  await prepareAuthority(settings.directory);
  const ports = await choosePorts(settings.portFirst);
  const environment = functionsEnvironment(
    ports,
    process.env,
    authorityFiles(settings.directory).trustedRoot,
  );
  const samples = startSamples({ environment, logFile: join(folder, "functions.log") });
  const access = settings.isChecked === true ? openAccess() : undefined;
  const data = settings.isKept ? join(folder, "data") : null;
  const emulators = await startEmulators(ports, data, access);
  connectFunctions(emulators, ports);
  const checked = access === undefined ? null : await startChecked(access, emulators);
  const instances = await openFunctions(emulators, ports);
  const ticked = `http://127.0.0.1:${ports.onTick}/`;
  const beat = startBeat(ticked, async () =>
    emulators.identity.mint({ email: LOCAL_EVENTS_ACCOUNT, audience: ticked }),
  );
  const parts = { settings, ports, instances, emulators, checked, beat, environment };
  const [functions] = await Promise.all([
    runLocalFunctions(parts, tell),
    samples.apply(ports),
    scheduleTicks(emulators.scheduler.url),
  ]);
  if (checked !== null) {
    enforce(checked);
  }
  beat.now();
  return describe({ ...parts, functions });
}

type Parts = {
  readonly settings: LocalSettings;
  readonly ports: Readonly<Record<Endpoint, number>>;
  /** Where the functions listen, behind the front, by their names. */
  readonly instances: Readonly<Record<string, number>>;
  readonly emulators: Emulators;
  /** Where callers are checked. */
  readonly checked: CheckedCloud | null;
  readonly beat: Beat;
  readonly environment: Readonly<Record<string, string>>;
};

/** Opens every function's address at the front, and says where the functions themselves are to listen. */
async function openFunctions(
  { edge }: Emulators,
  ports: Readonly<Record<Endpoint, number>>,
): Promise<Readonly<Record<string, number>>> {
  const known = {
    "on-image-push": ports.onImagePush,
    "on-deploy-notification": ports.onDeployNotification,
    "on-incident": ports.onIncident,
    "on-tick": ports.onTick,
    "on-work": ports.onWork,
    api: ports.api,
    web: ports.web,
  };
  const names = Object.entries(known);
  const free = await findPorts(names.length, Object.values(ports));
  const behind = names.map(([name, port], index) => {
    return { name, port, instancePort: free[index] ?? 0 };
  });
  await openFront(edge, behind);
  return Object.fromEntries(behind.map(({ name, instancePort }) => [name, instancePort]));
}

/** One process runs all functions; where callers are checked, one for each account does. */
async function runLocalFunctions(parts: Parts, tell: Tell): Promise<FunctionsProcess> {
  const { instances, checked, environment } = parts;
  if (checked === null) {
    return runProcess(parts, tell);
  }
  const { api = 0, web = 0, ...others } = instances;
  const as = (host: string): Readonly<Record<string, string>> => ({
    ...environment,
    GCE_METADATA_HOST: host,
  });
  const [acting, reached] = await Promise.all([
    runProcess({ ...parts, instances: others, environment: as(checked.hosts.run) }, tell),
    runProcess({ ...parts, instances: { api, web }, environment: as(checked.hosts.api) }, tell),
  ]);
  return {
    pid: acting.pid,
    close: async () => {
      await Promise.all([acting.close(), reached.close()]);
    },
  };
}

async function runProcess(parts: Parts, tell: Tell): Promise<FunctionsProcess> {
  const { settings, ports, beat } = parts;
  return runFunctions({
    ports: parts.instances,
    environment: parts.environment,
    logFile: join(settings.directory, ".slipway", "functions.log"),
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

async function describe(
  parts: Parts & { readonly functions: FunctionsProcess },
): Promise<LocalCloud> {
  const { emulators, ports, functions, settings, beat } = parts;
  const file = await describeLocal(emulators, ports, functions.pid());
  await writeLocalFile(settings.directory, file);
  const renewal = setInterval(() => {
    void describeLocal(emulators, ports, functions.pid()).then((fresh) =>
      writeLocalFile(settings.directory, fresh),
    );
  }, TOKENS_EVERY_MS);
  return {
    file,
    emulators,
    beat,
    access: parts.checked?.access ?? null,
    close: async () => {
      clearInterval(renewal);
      await beat.close();
      await functions.close();
      await parts.checked?.close();
      await emulators.close();
    },
  };
}
