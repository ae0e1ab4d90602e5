import { v1 } from "@google-cloud/pubsub";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openBench, toPath, toTexts, type Bench, type Pair } from "./pubsub-bench.ts";

/** What came out of a stream, in the words of the API. */
type Answer = {
  readonly receivedMessages?: readonly { readonly ackId?: string }[];
  readonly acknowledgeConfirmation?: object | null;
  readonly modifyAckDeadlineConfirmation?: object | null;
  readonly subscriptionProperties?: object | null;
};

let clock: ManualClock;
let pubsub: RunningPubsub;
let bench: Bench;
let subscriber: v1.SubscriberClient;
let pair: Pair;

beforeEach(async () => {
  clock = manualClock();
  pubsub = await startPubsub({ clock });
  bench = openBench(pubsub.grpcAddress);
  subscriber = new v1.SubscriberClient({
    apiEndpoint: "127.0.0.1",
    port: pubsub.port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  pair = await bench.makePair();
});

afterEach(async () => {
  await subscriber.close();
  await bench.close();
  await pubsub.close();
});

/** A stream of one's own, below what the library makes of it. */
function openStream(first: object): {
  readonly answers: readonly Answer[];
  readonly write: (request: object) => void;
  readonly end: () => void;
  readonly holds: (count: number) => Promise<void>;
  /** The code that the stream ended with; 0 when all was well. */
  readonly ended: Promise<number>;
} {
  const stream = subscriber.streamingPull();
  const answers: Answer[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  stream.on("data", (answer: Answer) => void answers.push(answer));
  stream.on("error", (error: grpc.ServiceError) => resolve(error.code));
  stream.on("end", () => resolve(0));
  stream.write({ subscription: toPath(pair.name), streamAckDeadlineSeconds: 10, ...first });
  return {
    answers,
    write: (request) => void stream.write(request),
    end: () => void stream.end(),
    holds: async (count) => {
      await expect.poll(() => answers.length, { interval: 2 }).toBeGreaterThanOrEqual(count);
    },
    ended: promise,
  };
}

test("a stream says at its start what kind of subscription it is on", async () => {
  const stream = openStream({});
  await stream.holds(1);
  expect(stream.answers[0]?.subscriptionProperties).toEqual({
    exactlyOnceDeliveryEnabled: false,
    messageOrderingEnabled: false,
  });
  stream.end();
  expect(await stream.ended).toBe(0);
});

test("an empty request is answered, which keeps the stream alive", async () => {
  const stream = openStream({});
  await stream.holds(1);
  stream.write({});
  await stream.holds(2);
  expect(stream.answers[1]?.receivedMessages).toEqual([]);
  stream.end();
});

test("a stream that its client has ended takes no messages any more", async () => {
  const stream = openStream({});
  await stream.holds(1);
  stream.end();
  await stream.ended;
  await bench.publish(pair.topic, ["for others"]);
  expect(toTexts(await bench.pull(pair.name))).toEqual(["for others"]);
});

test("messages are acknowledged and refused on the stream itself", async () => {
  const stream = openStream({ maxOutstandingMessages: 1 });
  await stream.holds(1);
  await bench.publish(pair.topic, ["first", "second"]);
  await stream.holds(2);
  const [first] = stream.answers[1]?.receivedMessages ?? [];
  stream.write({ modifyDeadlineAckIds: [first?.ackId], modifyDeadlineSeconds: [0] });
  await stream.holds(3);
  const [again] = stream.answers[2]?.receivedMessages ?? [];
  expect(again?.ackId).not.toBe(first?.ackId);
  stream.write({ ackIds: [again?.ackId] });
  await stream.holds(4);
  stream.end();
  await stream.ended;
  await clock.advance(10_000);
  expect(await bench.pull(pair.name)).toHaveLength(1);
});

test("the deadline of a stream can be changed while it lasts", async () => {
  const stream = openStream({});
  await stream.holds(1);
  stream.write({ streamAckDeadlineSeconds: 60 });
  stream.write({});
  await stream.holds(2);
  await bench.publish(pair.topic, ["long"]);
  await stream.holds(3);
  stream.end();
  await stream.ended;
  await clock.advance(59_999);
  expect(await bench.pull(pair.name)).toEqual([]);
  await clock.advance(1);
  expect(toTexts(await bench.pull(pair.name))).toEqual(["long"]);
});

test.each([
  ["a deadline below ten seconds", { streamAckDeadlineSeconds: 9 }, {}, 3],
  ["a deadline above ten minutes", { streamAckDeadlineSeconds: 601 }, {}, 3],
  ["a missing subscription", { subscription: "projects/acme/subscriptions/missing" }, {}, 5],
  ["no subscription", { subscription: "" }, {}, 3],
  ["a second subscription", {}, { subscription: "projects/acme/subscriptions/other" }, 3],
  ["a late flow control", {}, { maxOutstandingMessages: 5 }, 3],
  ["an ack id that is none", {}, { ackIds: ["nonsense"] }, 3],
  ["a deadline without its ack id", {}, { modifyDeadlineSeconds: [10] }, 3],
])("a stream ends at %s", async (_what, first, second, code) => {
  const stream = openStream(first);
  stream.write(second);
  expect(await stream.ended).toBe(code);
});
