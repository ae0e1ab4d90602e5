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
import type { Emulators } from "./emulators.ts";
import type { InstallProcess } from "./install-process.ts";
import { describeLocal, writeLocalFile } from "./local-file.ts";
import type { LocalFile } from "./local-file.ts";
import { paceSetting } from "./pace.ts";
import type { PaceSetting } from "./pace.ts";
import { startParts } from "./parts.ts";
import type { Parts, Starting } from "./parts.ts";
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
};

/** Starts the emulators, has Slipway installed there, and describes what runs. @throws Error when it could not be installed. */
export async function openCloud(settings: LocalSettings, opening: Opening): Promise<LocalCloud> {
  const { ports, installing } = opening;
  await prepareAuthority(settings.directory);
  const describe = async (): Promise<LocalFile> => {
    const { emulators, host } = parts;
    const fresh = await describeLocal(emulators, ports, host.pid());
    await writeLocalFile(settings.directory, fresh);
    return fresh;
  };
  const pace = paceSetting("fast");
  const starting = { ...opening, pace, onRestart: () => void describe() };
  const parts = await startParts(settings, starting);
  const address = await openAddress(ports, controlListener(controlsOf({ parts, pace, describe })));
  await install(parts, installing);
  settle(parts.access, settings);
  // Nobody waits minutes for a start: what is installed is installed fast.
  pace.set(settings.pace ?? "fast");
  const file = await describe();
  const renewal = setInterval(() => void describe(), TOKENS_EVERY_MS);
  return {
    file,
    ...parts,
    close: async () => {
      clearInterval(renewal);
      await address.close();
      await parts.close();
    },
  };
}

async function install(
  { access, emulators, beat }: Parts,
  installing: InstallProcess | null,
): Promise<void> {
  // As soon as it is there, the function of the ticks loads what it needs and takes up what the samples ask for.
  beat.now();
  if (installing !== null) {
    await installing.install();
    deliverAnywhere(access);
    await emulators.pubsub.idle();
  }
}

type Controlled = {
  readonly parts: Parts;
  readonly pace: PaceSetting;
  readonly describe: () => Promise<unknown>;
};

function controlsOf({ parts, pace, describe }: Controlled): Controls {
  const { clock, emulators } = parts;
  return {
    pace,
    faults: faultControl(() => emulators),
    clock: clockControl({
      clock: () => clock,
      rest: async () => emulators.pubsub.idle(),
      moved: async () => {
        // The tokens that it has may have ended.
        await describe();
        parts.beat.now();
      },
    }),
  };
}
