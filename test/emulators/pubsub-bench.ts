import { type CreateSubscriptionOptions, PubSub, v1 } from "@google-cloud/pubsub";
import * as grpc from "@grpc/grpc-js";
import { expect } from "vitest";
import { openInbox, type Inbox, type InboxOptions } from "./pubsub-inbox.ts";

/** The project that tests of Pub/Sub work in. */
export const PROJECT = "acme";

/** A message that was pulled. */
export type Received = {
  readonly ackId: string;
  readonly text: string;
  readonly deliveryAttempt: number;
};

/** The ids of a new topic and of a subscription to it. */
export type Pair = { readonly topic: string; readonly name: string };

/** The official clients over one address, and what tests do with them again and again. */
export type Bench = {
  readonly client: PubSub;
  /** The clients below what the library makes of them. */
  readonly publisher: v1.PublisherClient;
  readonly subscriber: v1.SubscriberClient;
  /** Calls the API as REST has it; the path starts with `projects/`. */
  readonly rest: (verb: string, path: string, body?: object) => Promise<RestAnswer>;
  readonly freshName: () => string;
  readonly makePair: (options?: CreateSubscriptionOptions) => Promise<Pair>;
  /** Publishes texts and returns the messages' ids. */
  readonly publish: (
    topic: string,
    texts: readonly string[],
    orderingKey?: string,
  ) => Promise<readonly string[]>;
  readonly openInbox: (name: string, options?: InboxOptions) => Inbox;
  /** Pulls what is there now. */
  readonly pull: (name: string) => Promise<readonly Received[]>;
  /** Pulls until so many messages have come. */
  readonly pullUntil: (name: string, count: number) => Promise<readonly Received[]>;
  readonly acknowledge: (name: string, received: readonly Received[]) => Promise<void>;
  /** Moves the deadline of messages; 0 seconds refuse them. */
  readonly extend: (name: string, received: readonly Received[], seconds: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What REST answered; `items` are those of the one list in it. */
export type RestAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly items: readonly unknown[];
  readonly nextPageToken: string;
};

const PULL_MAX = 100;
const ARRIVAL_MS = 5_000;

/** Opens the official clients. */
export function openBench(grpcAddress: string): Bench {
  process.env["METADATA_SERVER_DETECTION"] = "none";
  const client = new PubSub({ projectId: PROJECT, apiEndpoint: grpcAddress, emulatorMode: true });
  const place = {
    projectId: PROJECT,
    apiEndpoint: "127.0.0.1",
    port: Number(grpcAddress.split(":")[1]),
    sslCreds: grpc.credentials.createInsecure(),
  };
  const publisher = new v1.PublisherClient(place);
  const subscriber = new v1.SubscriberClient(place);
  let names = 0;
  function freshName(): string {
    names += 1;
    return `thing-${names}`;
  }
  async function pull(name: string): Promise<readonly Received[]> {
    const [{ receivedMessages }] = await subscriber.pull({
      subscription: toPath(name),
      maxMessages: PULL_MAX,
      returnImmediately: true,
    });
    return (receivedMessages ?? []).map(({ ackId, message, deliveryAttempt }) => ({
      ackId: ackId ?? "",
      text: Buffer.from(message?.data ?? "").toString(),
      deliveryAttempt: deliveryAttempt ?? 0,
    }));
  }
  return {
    client,
    publisher,
    subscriber,
    rest: (verb, path, body) => callRest(`http://${grpcAddress}/v1/${path}`, verb, body),
    freshName,
    makePair: async (options = {}) => {
      const pair = { topic: freshName(), name: freshName() };
      await client.createTopic(pair.topic);
      await client.topic(pair.topic).createSubscription(pair.name, options);
      return pair;
    },
    publish: (topic, texts, orderingKey) => {
      const ordering = orderingKey === undefined ? {} : { orderingKey };
      const sender = client.topic(topic, {
        messageOrdering: orderingKey !== undefined,
        batching: { maxMilliseconds: 1 },
      });
      const sent = texts.map((one) =>
        sender.publishMessage({ data: Buffer.from(one), ...ordering }),
      );
      return Promise.all(sent);
    },
    openInbox: (name, options) => openInbox(client, name, options),
    pull,
    pullUntil: async (name, count) => {
      const received: Received[] = [];
      await expect
        .poll(async () => received.push(...(await pull(name))), {
          timeout: ARRIVAL_MS,
          interval: 5,
        })
        .toBeGreaterThanOrEqual(count);
      return received;
    },
    acknowledge: async (name, received) => {
      const ackIds = received.map(({ ackId }) => ackId);
      await subscriber.acknowledge({ subscription: toPath(name), ackIds });
    },
    extend: async (name, received, seconds) => {
      const ackIds = received.map(({ ackId }) => ackId);
      const subscription = toPath(name);
      await subscriber.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: seconds });
    },
    close: async () => {
      await client.close();
      await publisher.close();
      await subscriber.close();
    },
  };
}

async function callRest(url: string, verb: string, body?: object): Promise<RestAnswer> {
  const response = await fetch(url, {
    method: verb,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === "" ? {} : JSON.parse(text);
  const fields = Object.values(typeof json === "object" && json !== null ? json : {});
  const token = /"nextPageToken":\s*"(?<token>[^"]+)"/u.exec(text)?.groups?.["token"];
  return {
    status: response.status,
    body: json,
    items: fields.find((field): field is unknown[] => Array.isArray(field)) ?? [],
    nextPageToken: token ?? "",
  };
}

/** The texts of pulled messages. */
export function toTexts(received: readonly Received[]): readonly string[] {
  return received.map(({ text }) => text);
}

/** The full name of a subscription. */
export function toPath(name: string): string {
  return `projects/${PROJECT}/subscriptions/${name}`;
}
