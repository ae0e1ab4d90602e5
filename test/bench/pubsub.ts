import { readSettings } from "../../infra/cli/settings.ts";
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { findGcloud, startGoogles } from "../../infra/local/official/googles-emulator.ts";
import { mustSkip } from "../support/needs.ts";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { measureBeside, runLoad } from "./pubsub-load.ts";
import type { Load, Outcome } from "./pubsub-load.ts";
import type { Told } from "./pubsub-process.ts";

const ROUNDS = 3;
const RATIO_TARGET = 1.5;
const LONGEST_TURN_TARGET_MS = 50;
const GROWTH_TARGET = 1.3;
const BACKLOGS = { small: 1_000, large: 50_000 };

const LOADS: readonly (readonly [string, Load])[] = [
  ["10,000 in order over 5 keys", { messages: 10_000, keys: 5, way: "stream" }],
  ["2,000 in order over 10 keys", { messages: 2_000, keys: 10, way: "stream" }],
  ["10,000 in no order", { messages: 10_000, keys: 0, way: "stream" }],
  ["10,000 in no order, pulled", { messages: 10_000, keys: 0, way: "pull" }],
  ["2,000 in no order, pushed", { messages: 2_000, keys: 0, way: "push" }],
];

type Side = {
  readonly run: (load: Load) => Promise<Outcome & { readonly longestTurnMs: number }>;
  readonly grpcAddress: string;
  readonly close: () => Promise<void>;
};

/**
 * From publishing to the last acknowledgement with Google's own client, beside Google's own emulator where it
 * is. Each has a process of its own, and the client another.
 */
export async function measurePubsub(): Promise<readonly Figure[]> {
  process.env["METADATA_SERVER_DETECTION"] = "none";
  const gcloud = findGcloud("pubsub", readSettings().path);
  const ours = await startOurs();
  const googles =
    gcloud === null && mustSkip("Google's Pub/Sub emulator") ? null : await startTheirs(gcloud);
  const figures: Figure[] = [];
  for (const [name, load] of LOADS) {
    figures.push(...(await compare(name, load, { ours, googles })));
  }
  figures.push(await measureGrowth(ours));
  await ours.close();
  await googles?.close();
  return figures;
}

async function compare(
  name: string,
  load: Load,
  { ours, googles }: { readonly ours: Side; readonly googles: Side | null },
): Promise<readonly Figure[]> {
  const own: (Outcome & { readonly longestTurnMs: number })[] = [];
  const theirs: Outcome[] = [];
  // One after the other in each round, so that both have the same machine.
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(await ours.run(load));
    if (googles !== null) {
      theirs.push(await googles.run(load));
    }
  }
  const ownMs = median(own.map(({ lengthMs }) => lengthMs));
  const theirMs = median(theirs.map(({ lengthMs }) => lengthMs));
  const wrong = own.reduce((sum, { redelivered, outOfOrder }) => sum + redelivered + outOfOrder, 0);
  const turnMs = Math.max(...own.map(({ longestTurnMs }) => longestTurnMs));
  const rate = (lengthMs: number): number => (load.messages / lengthMs) * 1000;
  const title = `Pub/Sub, ${name}`;
  const note = `median of ${ROUNDS}`;
  return [
    told(title, rate(ownMs), "messages/s", note),
    ...(googles === null
      ? []
      : [
          told(`${title}, Google's emulator`, rate(theirMs), "messages/s", note),
          aimed(`${title}, time / Google's`, ownMs / theirMs, { unit: "x", target: RATIO_TARGET }),
        ]),
    aimed(`${title}, twice or out of order`, wrong, { unit: "messages", target: 0 }),
    aimed(`${title}, longest turn`, turnMs, {
      unit: "ms",
      target: LONGEST_TURN_TARGET_MS,
      note: "processor time of one turn of the event loop; so long nobody else in the process runs",
    }),
  ];
}

/** What a message costs beside a small backlog and beside a large one. */
async function measureGrowth({ grpcAddress }: Side): Promise<Figure> {
  const small: number[] = [];
  const large: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    small.push(await measureBeside(grpcAddress, BACKLOGS.small));
    large.push(await measureBeside(grpcAddress, BACKLOGS.large));
  }
  const ratio = median(large) / median(small);
  return aimed("Pub/Sub, a message beside 50,000 / beside 1,000", ratio, {
    unit: "x",
    target: GROWTH_TARGET,
  });
}

async function startOurs(): Promise<Side> {
  const script = fileURLToPath(new URL("pubsub-process.ts", import.meta.url));
  const child = fork(script, { execArgv: ["--disable-warning=ExperimentalWarning"] });
  async function hear(): Promise<Told> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- pubsub-process.ts sends nothing else
    const [heard] = (await once(child, "message")) as [Told];
    return heard;
  }
  async function longestTurnMs(): Promise<number> {
    const answer = hear();
    child.send("how long?");
    return (await answer).longestTurnMs;
  }
  const { grpcAddress } = await hear();
  return {
    grpcAddress,
    run: async (load) => {
      await longestTurnMs();
      const outcome = await runLoad(grpcAddress, load);
      return { ...outcome, longestTurnMs: await longestTurnMs() };
    },
    close: async () => {
      child.disconnect();
      return Promise.resolve();
    },
  };
}

async function startTheirs(gcloud: string | null): Promise<Side> {
  const { grpcAddress, close } = await startGoogles(gcloud ?? "", "pubsub");
  const run: Side["run"] = async (load) => ({
    ...(await runLoad(grpcAddress, load)),
    longestTurnMs: 0,
  });
  return { grpcAddress, run, close };
}
