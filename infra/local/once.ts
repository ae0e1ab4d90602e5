import { localApi, pause } from "./api-client.ts";
import type { LocalApi } from "./api-client.ts";
import type { LocalFile } from "./local-file.ts";
import { tell, timelineTable } from "./narrate.ts";
import { pushSample, SAMPLE_SERVICE } from "./sample-image.ts";

/** Writes a line for the person who watches. */
export type Say = (line: string) => void;

const POLL_MS = 100;
const SAMPLE_BUILD = 42;
const WAIT_MAX_MS = 180_000;
const FINAL: ReadonlySet<string> = new Set([
  "FAILED",
  "CANCELLED",
  "REJECTED",
  "SUPERSEDED",
  "ROLLED_BACK",
]);

/** Pushes the sample's image and waits until it is in dev. @throws Error when it does not get there. */
export async function deploySample(file: LocalFile, say: Say): Promise<void> {
  const viewer = localApi(file.api, file.tokens.viewer);
  await pushToDev(file, viewer, { say, teller: teller(viewer, say) });
}

/** Plays the sample from push to production and prints the timeline. @throws Error when it does not get there. */
export async function playOnce(file: LocalFile, say: Say): Promise<void> {
  const viewer = localApi(file.api, file.tokens.viewer);
  const voice = { say, teller: teller(viewer, say) };
  await pushToDev(file, viewer, voice);
  await promoteToLast(file, viewer, voice);
  const { entries } = await viewer.timeline(SAMPLE_SERVICE);
  say("what was where, newest first:");
  timelineTable(entries).forEach(say);
}

type Voice = { readonly say: Say; readonly teller: Teller };

async function pushToDev(file: LocalFile, viewer: LocalApi, voice: Voice): Promise<void> {
  const [dev] = (await viewer.service(SAMPLE_SERVICE)).environments;
  if (dev !== undefined && dev.current !== null) {
    const there = dev.current.tag ?? dev.current.release;
    voice.say(`${SAMPLE_SERVICE} runs ${there} in ${dev.id} already`);
    return;
  }
  const registry = file.endpoints["registry"] ?? "";
  const tag = await pushSample(registry, SAMPLE_BUILD);
  voice.say(`pushed msp-example:${tag} to ${registry}`);
  await voice.teller.until(async () => {
    const { environments } = await viewer.service(SAMPLE_SERVICE);
    return environments[0]?.current?.tag === tag;
  });
}

async function promoteToLast(file: LocalFile, viewer: LocalApi, voice: Voice): Promise<void> {
  const { environments } = await viewer.service(SAMPLE_SERVICE);
  const last = environments.at(-1);
  if (last === undefined || last.current?.release === environments[0]?.current?.release) {
    voice.say(`${SAMPLE_SERVICE} is in ${last?.id ?? "its last stage"} already`);
    return;
  }
  voice.say(`dana promotes it to ${last.id}`);
  const deployer = localApi(file.api, file.tokens.deployer);
  const { id } = await deployer.promote(SAMPLE_SERVICE, last.id, "it works in dev");
  await voice.teller.until(async () => {
    const { state, steps } = await viewer.promotion(id);
    if (FINAL.has(state)) {
      throw new Error(`${id} is ${state}: ${steps.at(-1)?.message ?? "no reason given"}`);
    }
    return state === "SUCCEEDED";
  });
}

/** Tells the service's records as they come, each once. */
type Teller = { readonly until: (isThere: () => Promise<boolean>) => Promise<void> };

function teller(viewer: LocalApi, say: Say): Teller {
  let told = 0;
  async function tellNew(): Promise<void> {
    const { records } = await viewer.records(SAMPLE_SERVICE, told);
    for (const record of records) {
      say(tell(record));
      told = record.sequence;
    }
  }
  return {
    until: async (isThere) => {
      const endMs = Date.now() + WAIT_MAX_MS;
      while (!(await isThere())) {
        await tellNew();
        if (Date.now() > endMs) {
          throw new Error(`not there after ${WAIT_MAX_MS / 1000} s; see .slipway/functions.log`);
        }
        await pause(POLL_MS);
      }
      await tellNew();
    },
  };
}
