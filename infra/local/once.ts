import { localApi, pause } from "./api-client.ts";
import type { LocalApi } from "./api-client.ts";
import type { LocalFile } from "./local-file.ts";
import { tell, timelineTable } from "./narrate.ts";
import type { Timelines } from "./narrate.ts";
import { APPROVAL_SAMPLE, FIRST_SAMPLE, pushSample } from "./sample-image.ts";
import type { Sample } from "./sample-image.ts";

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
  await pushToDev(openStage(file, FIRST_SAMPLE, say));
}

/**
 * Plays the samples from push to production and prints what was where: one whose data is backed up on the
 * way, and one that somebody else has to approve as well. @throws Error when one does not get there.
 */
export async function playOnce(file: LocalFile, say: Say): Promise<void> {
  const first = openStage(file, FIRST_SAMPLE, say);
  await pushToDev(first);
  await promoteToLast(first, async () => {});
  say("");
  say("another service needs an approval by somebody else");
  const second = openStage(file, APPROVAL_SAMPLE, say);
  await pushToDev(second);
  await promoteToLast(second, async (id) => approve(second, id));
  say("");
  say("what was where, newest first:");
  const timelines = await Promise.all([entriesOf(second), entriesOf(first)]);
  timelineTable(Object.fromEntries(timelines)).forEach(say);
}

async function entriesOf({ viewer, sample }: Stage): Promise<readonly [string, Timeline]> {
  const { entries } = await viewer.timeline(sample.service);
  return [sample.service, entries];
}

type Timeline = Timelines[string];

/** A sample that is played, and who watches. */
type Stage = {
  readonly file: LocalFile;
  readonly sample: Sample;
  readonly viewer: LocalApi;
  readonly say: Say;
  readonly teller: Teller;
};

function openStage(file: LocalFile, sample: Sample, say: Say): Stage {
  const viewer = localApi(file.api, file.tokens.viewer);
  return { file, sample, viewer, say, teller: openTeller(viewer, sample, say) };
}

async function pushToDev({ file, sample, viewer, say, teller }: Stage): Promise<void> {
  const { service, image } = sample;
  const [dev] = (await viewer.service(service)).environments;
  if (dev !== undefined && dev.current !== null) {
    const there = dev.current.tag ?? dev.current.release;
    say(`${service} runs ${there} in ${dev.id} already`);
    return;
  }
  const registry = file.endpoints["registry"] ?? "";
  const tag = await pushSample(registry, sample, SAMPLE_BUILD);
  say(`pushed ${image}:${tag} to ${registry}`);
  await teller.until(async () => {
    const { environments } = await viewer.service(service);
    return environments[0]?.current?.tag === tag;
  });
}

/** Promotes what is in dev to the last stage. `meanwhile` does what the promotion waits for. */
async function promoteToLast(
  { file, sample, viewer, say, teller }: Stage,
  meanwhile: (promotion: string) => Promise<void>,
): Promise<void> {
  const { service } = sample;
  const { environments } = await viewer.service(service);
  const last = environments.at(-1);
  if (last === undefined || last.current?.release === environments[0]?.current?.release) {
    say(`${service} is in ${last?.id ?? "its last stage"} already`);
    return;
  }
  say(`dana promotes it to ${last.id}`);
  const deployer = localApi(file.api, file.tokens.deployer);
  const { id } = await deployer.promote(service, last.id, "it works in dev");
  await meanwhile(id);
  await teller.until(async () => {
    const { state, steps } = await viewer.promotion(id);
    if (FINAL.has(state)) {
      throw new Error(`${id} is ${state}: ${steps.at(-1)?.message ?? "no reason given"}`);
    }
    return state === "SUCCEEDED";
  });
}

/** Who asked for a promotion may not approve it; somebody else may. */
async function approve({ file, say, teller }: Stage, promotion: string): Promise<void> {
  await teller.now();
  const refusal = await localApi(file.api, file.tokens.deployer).approve(promotion, "I made it");
  say(
    refusal === null
      ? "dana approves it herself"
      : `dana tries to approve it herself and is refused: ${refusal}`,
  );
  const refused = await localApi(file.api, file.tokens.approver).approve(promotion, "looks well");
  if (refused !== null) {
    throw new Error(`alex may not approve ${promotion}: ${refused}`);
  }
  say("alex approves it");
}

/** Tells the service's records as they come, each once. */
type Teller = {
  readonly now: () => Promise<void>;
  readonly until: (isThere: () => Promise<boolean>) => Promise<void>;
};

function openTeller(viewer: LocalApi, { service }: Sample, say: Say): Teller {
  let told = 0;
  async function now(): Promise<void> {
    const { records } = await viewer.records(service, told);
    for (const record of records) {
      say(tell(record));
      told = record.sequence;
    }
  }
  return {
    now,
    until: async (isThere) => {
      const endMs = Date.now() + WAIT_MAX_MS;
      while (!(await isThere())) {
        await now();
        if (Date.now() > endMs) {
          throw new Error(`not there after ${WAIT_MAX_MS / 1000} s; see .slipway/functions.log`);
        }
        await pause(POLL_MS);
      }
      await now();
    },
  };
}
