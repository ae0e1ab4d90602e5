import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { handle } from "../../shared/app/handle.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import type { ImageNotification } from "../support/image-event.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { atOnce } from "./at-once.ts";
import type { BareEndpoints } from "./bare-clients.ts";
import type { BareEvent, Sample } from "./bare-event.ts";
import type { BareRound } from "./bare-process.ts";
import { callsBetween, countCalls } from "./call-counts.ts";
import type { CallCounts } from "./call-counts.ts";
import { aimed, median, told } from "./figure.ts";
import type { Figure } from "./figure.ts";
import { copyServices, takeSample } from "./sample.ts";

const ROUNDS = 5;
const NEW_PER_ROUND = 40;
const KNOWN_PER_ROUND = 200;
const CONCURRENCY = 8;
const RATIO_TARGET = 1.5;

/** A service of the function's side, with the notification of its image. */
type Event = { readonly service: string; readonly notification: ImageNotification };

/** Both sides: what they are given, and how to have them do it. */
type Sides = {
  readonly ours: (events: readonly Event[]) => Promise<void>;
  readonly bare: (kind: BareRound["kind"], events: readonly BareEvent[]) => Promise<void>;
};

/**
 * Events per second through on-image-push, beside a script that issues the same calls to the same
 * emulators. Nothing else happens meanwhile: no notification leads on to another function.
 */
export async function measureThroughput(): Promise<readonly Figure[]> {
  const world = await openLocalWorld();
  await world.stopTicks();
  try {
    const service = await world.apply(smallSpec("bench"));
    await world.stopDeliveries();
    const [sampled, ...events] = await prepare(world, service, 1 + (ROUNDS + 1) * NEW_PER_ROUND);
    const own = await takeSample(world, service, async () => post(world, sampled));
    const names = events.map((_, index) => `bare-${index}`);
    await copyServices(world, own.before, names);
    const bareEvents = names.map((name) => ({ service: name, release: `r-${name}` }));
    const bare = await startBare(world, own.sample);
    const sides: Sides = {
      ours: async (given) => atOnce(CONCURRENCY, given, async (event) => post(world, event)),
      bare: bare.run,
    };
    const figures = [
      ...(await measureNew(world, sides, { events, bareEvents })),
      ...(await measureKnown(world, sides, { events, bareEvents })),
    ];
    bare.end();
    return figures;
  } finally {
    await world.close();
  }
}

type Given = { readonly events: readonly Event[]; readonly bareEvents: readonly BareEvent[] };

async function measureNew(
  world: LocalWorld,
  sides: Sides,
  { events, bareEvents }: Given,
): Promise<readonly Figure[]> {
  const rates = { ours: [] as number[], bare: [] as number[] };
  const counts = { ours: noCounts(world), bare: noCounts(world) };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const [from, to] = [round * NEW_PER_ROUND, (round + 1) * NEW_PER_ROUND];
    const before = countCalls(world);
    const ours = await timed(async () => sides.ours(events.slice(from, to)));
    const between = countCalls(world);
    const bare = await timed(async () => sides.bare("new", bareEvents.slice(from, to)));
    counts.ours = callsBetween(before, between);
    counts.bare = callsBetween(between, countCalls(world));
    // The first round warms both sides up.
    if (round > 0) {
      rates.ours.push((NEW_PER_ROUND / ours) * 1000);
      rates.bare.push((NEW_PER_ROUND / bare) * 1000);
    }
  }
  return toFigures("a new image", rates, toNote(counts, NEW_PER_ROUND));
}

async function measureKnown(
  world: LocalWorld,
  sides: Sides,
  given: Given,
): Promise<readonly Figure[]> {
  const events = Array.from({ length: KNOWN_PER_ROUND }, (_, index) => index % given.events.length);
  const ours = events.flatMap((index) => given.events.slice(index, index + 1));
  const bares = events.flatMap((index) => given.bareEvents.slice(index, index + 1));
  const rates = { ours: [] as number[], bare: [] as number[] };
  const counts = { ours: noCounts(world), bare: noCounts(world) };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const before = countCalls(world);
    const oursMs = await timed(async () => sides.ours(ours));
    const between = countCalls(world);
    const bareMs = await timed(async () => sides.bare("known", bares));
    counts.ours = callsBetween(before, between);
    counts.bare = callsBetween(between, countCalls(world));
    if (round > 0) {
      rates.ours.push((KNOWN_PER_ROUND / oursMs) * 1000);
      rates.bare.push((KNOWN_PER_ROUND / bareMs) * 1000);
    }
  }
  return toFigures("a known image", rates, toNote(counts, KNOWN_PER_ROUND));
}

function toFigures(
  what: string,
  rates: { readonly ours: readonly number[]; readonly bare: readonly number[] },
  note: string,
): readonly Figure[] {
  const [ours, bare] = [median(rates.ours), median(rates.bare)];
  return [
    told(`on-image-push, ${what}`, ours, "events/s", `${CONCURRENCY} at once; median of ${ROUNDS}`),
    told(`bare calls, ${what}`, bare, "events/s", note),
    aimed(`bare / on-image-push, ${what}`, bare / ours, { unit: "x", target: RATIO_TARGET }),
  ];
}

/** What the calls of an event are, or where the script's are not those of the function. */
function toNote(
  counts: { readonly ours: CallCounts; readonly bare: CallCounts },
  events: number,
): string {
  const each = (given: CallCounts): string =>
    Object.entries(given)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${Number((count / events).toFixed(2))} ${name}`)
      .join(", ");
  const [ours, bare] = [each(counts.ours), each(counts.bare)];
  return ours === bare ? ours : `NOT THE SAME CALLS: ours ${ours}; bare ${bare}`;
}

function noCounts(world: LocalWorld): CallCounts {
  const now = countCalls(world);
  return callsBetween(now, now);
}

/** Makes so many services of one pipeline, and pushes the image of each. */
async function prepare(
  world: LocalWorld,
  service: Service,
  count: number,
): Promise<readonly [Event, ...Event[]]> {
  async function make(name: string): Promise<Event> {
    const clone = { ...service, id: serviceId(name), image: imageOf(name), fingerprint: name };
    const by = "user:bench@example.com";
    await handle(world.ports, clone.id, { kind: "service-applied", service: clone, by });
    return { service: name, notification: pushed(name, await world.push(name, "v1"), "v1") };
  }
  const events: Event[] = [];
  const rest = Array.from({ length: count - 1 }, (_, index) => `bench-${index}`);
  await atOnce(CONCURRENCY, rest, async (name) => {
    events.push(await make(name));
  });
  return [await make("bench-first"), ...events];
}

async function post(world: LocalWorld, { service, notification }: Event): Promise<void> {
  const id = `bench-${service}`;
  const answer = await postEvent(
    world,
    { name: "on-image-push", id },
    deliveryOf(id, notification),
  );
  if (answer.status !== 200 || !/taken|known already/.test(answer.body)) {
    throw new Error(`on-image-push answered ${answer.status}: ${answer.body}`);
  }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

type Bare = { readonly run: Sides["bare"]; readonly end: () => void };

/** Starts the process that issues the bare calls. */
async function startBare({ file }: LocalWorld, sample: Sample): Promise<Bare> {
  const address = (name: string): string => (file.endpoints[name] ?? "").replace("http://", "");
  const endpoints: BareEndpoints = {
    project: file.project,
    firestore: address("firestore"),
    cloudDeploy: address("cloudDeploy"),
    registry: address("registry"),
    pubsub: address("pubsub"),
  };
  const script = fileURLToPath(new URL("bare-process.ts", import.meta.url));
  const child = fork(script, [JSON.stringify(endpoints)], {
    env: { ...process.env, METADATA_SERVER_DETECTION: "none", NODE_ENV: "production" },
    execArgv: ["--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
  });
  await once(child, "message");
  return {
    run: async (kind, events) => {
      const round: BareRound = { kind, sample, events, concurrency: CONCURRENCY };
      child.send(round);
      await once(child, "message");
    },
    end: () => {
      child.disconnect();
    },
  };
}
