import { afterEach, beforeEach, expect, test } from "vitest";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { CI, type EdgeSetting, openEdge, PROJECT, URL_OF_WEB } from "./edge-setting.ts";
import { type Bench, openBench } from "./pubsub-bench.ts";

const ATTEMPTS = 5;
const BACKOFF_MS = 10_000;

let setting: EdgeSetting;
let pubsub: RunningPubsub;
let bench: Bench;

beforeEach(async () => {
  setting = await openEdge();
  const { clock, identity } = setting;
  pubsub = await startPubsub({
    clock,
    mintIdToken: async (email, audience) => identity.mint({ email, audience }),
  });
  bench = openBench(pubsub.grpcAddress);
});
afterEach(async () => {
  await bench.close();
  await pubsub.close();
  await setting.close();
});

/** A subscription that pushes to a service that only takes pushes of its own project, and what becomes dead. */
async function subscribe(url: string): Promise<{ readonly topic: string; readonly dead: string }> {
  const dead = await bench.makePair();
  const { topic } = await bench.makePair({
    pushEndpoint: url,
    oidcToken: { serviceAccountEmail: CI, audience: URL_OF_WEB },
    retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 10 } },
    deadLetterPolicy: {
      deadLetterTopic: `projects/${PROJECT}/topics/${dead.topic}`,
      maxDeliveryAttempts: ATTEMPTS,
    },
  });
  return { topic, dead: dead.name };
}

async function pass(ms: number): Promise<void> {
  await setting.clock.advance(ms);
  await pubsub.idle();
}

test("a push that is refused comes again, and arrives once it is let in", async () => {
  const url = await open();
  setting.invokers.delete(`serviceAccount:${CI}`);
  const { topic, dead } = await subscribe(url);
  await bench.publish(topic, ["late"]);
  await pubsub.idle();
  setting.invokers.add(`serviceAccount:${CI}`);
  await pass(BACKOFF_MS - 1);
  expect(setting.seen).toHaveLength(0);
  await pass(1);
  expect(setting.seen).toHaveLength(1);
  await pass(BACKOFF_MS);
  expect(setting.seen, "once is enough").toHaveLength(1);
  expect(await bench.pull(dead)).toEqual([]);
});

test.each([
  ["by the front", null, 0],
  ["by the service, with 404", 404, ATTEMPTS],
  ["by the service, with 500", 500, ATTEMPTS],
])("a push that is refused every time, %s, becomes a dead letter", async (_, status, asked) => {
  const url = await open(status ?? 200);
  if (status === null) {
    setting.invokers.delete(`serviceAccount:${CI}`);
  }
  const { topic, dead } = await subscribe(url);
  await bench.publish(topic, ["lost"]);
  await pubsub.idle();
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
    expect(await bench.pull(dead)).toEqual([]);
    await pass(BACKOFF_MS);
  }
  expect(await bench.pullUntil(dead, 1)).toMatchObject([{ text: "lost" }]);
  expect(setting.seen).toHaveLength(asked);
});

/** The address of a service that takes pushes of its own project alone, and answers with a status. */
async function open(status = 200): Promise<string> {
  const { url } = await setting.open({
    service: { ingress: "internal" },
    handler: (request, response) => {
      request.resume();
      response.writeHead(status).end();
    },
  });
  return url;
}
