import type { ServiceError } from "@grpc/grpc-js";
import { expect } from "vitest";
import { toPath, type Bench } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

/** What came out of a stream, in the words of the API. */
type Answer = {
  readonly receivedMessages?: readonly { readonly ackId?: string }[];
  readonly subscriptionProperties?: object | null;
};

type Stream = {
  readonly answers: readonly Answer[];
  /** The ack ids of the messages that have come. */
  readonly ackIds: () => readonly string[];
  readonly holds: (count: number) => Promise<void>;
  readonly write: (request: object) => void;
  readonly end: () => void;
  /** The code that the stream ended with; 0 when all was well. */
  readonly ended: Promise<number>;
};

const ARRIVAL = { timeout: 5_000, interval: 5 };

/** Streaming pull below what the library makes of it. */
export function checkStreams({ check, bench }: Checks): void {
  check("a stream acknowledges and refuses", async () => {
    const { topic, name } = await bench().makePair();
    const stream = openStream(bench(), { subscription: toPath(name) });
    await bench().publish(topic, ["one"]);
    await stream.holds(1);
    const [first] = stream.ackIds();
    stream.write({ modifyDeadlineAckIds: [first], modifyDeadlineSeconds: [0] });
    await stream.holds(2);
    stream.write({ ackIds: [stream.ackIds()[1]] });
    stream.end();
    await stream.ended;
    expect(await bench().pull(name)).toEqual([]);
  });

  check("a stream has no more out than its flow control allows", async () => {
    const { topic, name } = await bench().makePair();
    const stream = openStream(bench(), { subscription: toPath(name), maxOutstandingMessages: 2 });
    await bench().publish(topic, ["1", "2", "3"]);
    await stream.holds(2);
    stream.write({ ackIds: [stream.ackIds()[0]] });
    await stream.holds(3);
    expect(stream.ackIds()).toHaveLength(3);
    stream.end();
    await stream.ended;
  });

  check("a stream says with its messages what kind of subscription it is on", async () => {
    const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
    const stream = openStream(bench(), { subscription: toPath(name) });
    await bench().publish(topic, ["any"]);
    await stream.holds(1);
    const withMessages = stream.answers.find((one) => (one.receivedMessages ?? []).length > 0);
    expect(withMessages?.subscriptionProperties).toEqual({
      exactlyOnceDeliveryEnabled: false,
      messageOrderingEnabled: true,
    });
    stream.end();
    await stream.ended;
  });

  function checkEnd(what: string, first: object, second: object, code: number): void {
    check(`a stream ends at ${what}`, async () => {
      const { name } = await bench().makePair();
      const stream = openStream(bench(), { subscription: toPath(name), ...first });
      stream.write(second);
      expect(await stream.ended).toBe(code);
    });
  }
  checkEnd("a deadline below ten seconds", { streamAckDeadlineSeconds: 9 }, {}, 3);
  checkEnd("a missing subscription", { subscription: toPath("missing") }, {}, 5);
  checkEnd("a second subscription", {}, { subscription: toPath("other") }, 3);
  checkEnd("an ack id that is none", {}, { ackIds: ["nonsense"] }, 3);
  checkEnd("a deadline without its ack id", {}, { modifyDeadlineSeconds: [10] }, 3);

  check("a stream ends when its subscription is deleted", async () => {
    const { topic, name } = await bench().makePair();
    const stream = openStream(bench(), { subscription: toPath(name) });
    await bench().publish(topic, ["any"]);
    await stream.holds(1);
    await bench().client.subscription(name).delete();
    expect(await stream.ended).toBe(5);
  });

  check("streams share the messages, each of which comes to one of them", async () => {
    const { topic, name } = await bench().makePair();
    const streams = [1, 2].map(() => openStream(bench(), { subscription: toPath(name) }));
    await expect
      .poll(async () => {
        await bench().publish(topic, ["1", "2"]);
        return streams.every((stream) => stream.ackIds().length > 0);
      }, ARRIVAL)
      .toBe(true);
    streams.forEach((stream) => stream.end());
    await Promise.all(streams.map((stream) => stream.ended));
    const ackIds = streams.flatMap((stream) => stream.ackIds());
    expect(new Set(ackIds).size).toBe(ackIds.length);
  });
}

/** Which messages a filter lets through. */
export function checkFilters({ check, bench }: Checks): void {
  const messages = [{ color: "red" }, { color: "blue", size: "xl" }, { size: "small" }];
  function checkFilter(filter: string, passing: readonly number[]): void {
    check(`the filter ${filter} lets through what it says`, async () => {
      const { topic, name } = await bench().makePair({ filter });
      const ids: string[] = [];
      for (const attributes of messages) {
        ids.push(await bench().client.topic(topic).publishMessage({ attributes }));
      }
      const inbox = bench().openInbox(name);
      await inbox.holds(passing.length);
      await inbox.close();
      const passed = inbox.messages.map(({ id }) => ids.indexOf(id));
      expect(passed.toSorted((one, other) => one - other)).toEqual(passing);
    });
  }
  checkFilter("attributes:size", [1, 2]);
  checkFilter('attributes.color = "red"', [0]);
  checkFilter('hasPrefix(attributes.size, "x")', [1]);
  checkFilter("NOT attributes:size", [0]);
  checkFilter('attributes:color AND (attributes.size = "xl" OR attributes.size = "s")', [1]);
  check("a filter has at most 256 bytes", async () => {
    const longest = `attributes.a = "${"x".repeat(256 - 17)}"`;
    await bench().makePair({ filter: longest });
    await expect(bench().makePair({ filter: `${longest} ` })).rejects.toMatchObject({ code: 3 });
  });
}

function openStream({ subscriber }: Bench, first: object): Stream {
  const stream = subscriber.streamingPull();
  const answers: Answer[] = [];
  const { promise, resolve } = Promise.withResolvers<number>();
  stream.on("data", (answer: Answer) => void answers.push(answer));
  stream.on("error", (error: ServiceError) => resolve(error.code));
  stream.on("end", () => resolve(0));
  stream.write({ streamAckDeadlineSeconds: 10, ...first });
  function ackIds(): readonly string[] {
    const received = answers.flatMap(({ receivedMessages }) => receivedMessages ?? []);
    return received.map(({ ackId }) => ackId ?? "");
  }
  return {
    answers,
    ackIds,
    holds: async (count) => {
      await expect.poll(() => ackIds().length, ARRIVAL).toBeGreaterThanOrEqual(count);
    },
    write: (request) => void stream.write(request),
    end: () => void stream.end(),
    ended: promise,
  };
}
