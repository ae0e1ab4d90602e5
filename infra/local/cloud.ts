import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { openAddress } from "./address/server.ts";
import { deliverAnywhere } from "./anywhere.ts";
import { prepareAuthority } from "./authority.ts";
import type { Beat } from "./beat.ts";
import { settle } from "./checked.ts";
import { clockControl } from "./control/clock.ts";
import { faultControl } from "./control/faults.ts";
import { controlListener } from "./control/server.ts";
import type { Controls } from "./control/server.ts";
import { stateControl } from "./control/state.ts";
import type { Emulators } from "./emulators.ts";
import type { InstallProcess } from "./install-process.ts";
import { describeLocal, writeLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import { paceSetting } from "./pace.ts";
import type { PaceSetting } from "./pace.ts";
import { startParts } from "./parts.ts";
import type { Beginning, Parts, Starting } from "./parts.ts";
import { linkBlobs } from "./saves.ts";
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

/** What a local cloud is opened with. */
export type Opening = Omit<Starting, "onRestart" | "pace"> & {
  readonly tell: Tell;
  /** Who installs Slipway once the emulators are there; null: somebody else will. */
  readonly installing: InstallProcess | null;
  /** The same once more, when all of it is begun anew. */
  readonly installAgain: () => InstallProcess | null;
};

/** Starts the emulators, has Slipway installed there, and describes what runs. @throws Error when it could not be installed. */
export async function openCloud(settings: LocalSettings, opening: Opening): Promise<LocalCloud> {
  await prepareAuthority(settings.directory);
  const pace = paceSetting("fast");
  const starting = { ...opening, pace, onRestart: () => void describe() };
  const running = { parts: await startParts(settings, starting) };
  async function describe(): Promise<LocalFile> {
    const { emulators, host } = running.parts;
    const fresh = await describeLocal(emulators, opening.ports, host.pid());
    await writeLocalFile(settings.directory, fresh);
    return fresh;
  }
  async function make(installing: InstallProcess | null): Promise<LocalFile> {
    await install(running.parts, installing);
    settle(running.parts.access, settings);
    // Nobody waits minutes for a start: what is installed is installed fast.
    pace.set(settings.pace ?? "fast");
    return describe();
  }
  async function reopen(beginning: Beginning): Promise<void> {
    const installing = opening.installAgain();
    await running.parts.close();
    pace.set("fast");
    running.parts = await startParts(settings, starting, beginning);
    const file = await make(installing);
    if (beginning === "new") {
      await settings.afterReset?.(file);
    }
  }
  const controls = controlsOf({ running, pace, describe, reopen, directory: settings.directory });
  const address = await openAddress(opening.ports, controlListener(controls));
  const file = await make(opening.installing);
  const renewal = setInterval(() => void describe(), TOKENS_EVERY_MS);
  return {
    file,
    get emulators() {
      return running.parts.emulators;
    },
    get beat() {
      return running.parts.beat;
    },
    get access() {
      return running.parts.access;
    },
    close: async () => {
      clearInterval(renewal);
      await address.close();
      await running.parts.close();
    },
  };
}

async function install(
  { access, beat, emulators, host }: Parts,
  installing: InstallProcess | null,
): Promise<void> {
  // As soon as it is there, the function of the ticks loads what it needs and takes up what the samples ask for.
  beat.now();
  if (installing !== null) {
    host.prepare();
    await installing.install();
    deliverAnywhere(access);
    // What was installed before, and is kept, starts again by itself.
    await emulators.cloudFunctions.settled();
  }
}

type Controlled = {
  readonly running: { readonly parts: Parts };
  readonly pace: PaceSetting;
  readonly describe: () => Promise<unknown>;
  readonly reopen: (beginning: Beginning) => Promise<void>;
  readonly directory: string;
};

function controlsOf({ running, pace, describe, reopen, directory }: Controlled): Controls {
  return {
    pace,
    faults: faultControl(() => running.parts.emulators),
    clock: clockControl({
      clock: () => running.parts.clock,
      rest: async () => running.parts.emulators.pubsub.idle(),
      moved: async () => {
        // The tokens that it has may have ended.
        await describe();
        running.parts.beat.now();
      },
    }),
    state: stateControl({
      directory,
      isKnown: () => !running.parts.emulators.isOfficial,
      write: async ({ state, blobs }) => {
        const { persistence, emulators } = running.parts;
        // Both in one turn of the process: what the one names the other has.
        const copied = persistence.copyTo(state);
        linkBlobs(emulators.blobDirectory, blobs);
        await copied;
      },
      reopen: async (save) => reopen(save ?? "new"),
    }),
  };
}
