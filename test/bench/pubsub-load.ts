import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { type Message, PubSub, v1 } from "@google-cloud/pubsub";
import * as grpc from "@grpc/grpc-js";
import { atOnce } from "./at-once.ts";

/** How messages are taken. */
type Way = "stream" | "pull" | "push";

/** So many messages over so many ordering keys; without keys they have no order. */
export type Load = { readonly messages: number; readonly keys: number; readonly way: Way };

/** What became of a load. */
export type Outcome = {
  /** From the first publish to the last acknowledgement. */
  readonly lengthMs: number;
  /** Messages that came more than once. */
  readonly redelivered: number;
  /** Messages that came before one of their key that was published earlier. */
  readonly outOfOrder: number;
};

type Tally = {
  readonly take: (message: number) => void;
  readonly complete: Promise<void>;
  readonly outcome: () => Omit<Outcome, "lengthMs">;
};

type Clients = { readonly client: PubSub; readonly subscriber: v1.SubscriberClient };
type Place = { readonly topic: string; readonly name: string };

const PROJECT = "acme";
const PULL_MAX = 1_000;
const PUBLISHED_AT_ONCE = 1_000;
const MEASURED = 5_000;

let loads = 0;

/** Publishes messages to a Pub/Sub, takes them and acknowledges each, with Google's own client. */
export async function runLoad(grpcAddress: string, load: Load): Promise<Outcome> {
  const { client, subscriber, close } = openClients(grpcAddress);
  const place = newPlace();
  await client.createTopic(place.topic);
  const tally = startTally(load);
  const taking = await take({ client, subscriber }, place, { load, tally });
  const startMs = performance.now();
  await publish(client, place.topic, load);
  await tally.complete;
  await taking.end();
  const lengthMs = performance.now() - startMs;
  await client.subscription(place.name).delete();
  await close();
  return { lengthMs, ...tally.outcome() };
}

/**
 * How long a message takes, in milliseconds, from publishing to its acknowledgement, while so many others of
 * the same subscription are not acknowledged.
 */
export async function measureBeside(grpcAddress: string, backlog: number): Promise<number> {
  const { client, subscriber, close } = openClients(grpcAddress);
  const { topic, name } = newPlace();
  await client.createTopic(topic);
  await client.topic(topic).createSubscription(name);
  await publish(client, topic, { messages: backlog, keys: 0 });
  const startMs = performance.now();
  await publish(client, topic, { messages: MEASURED, keys: 0 });
  const subscription = `projects/${PROJECT}/subscriptions/${name}`;
  for (let taken = 0; taken < MEASURED;) {
    const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: PULL_MAX });
    const ackIds = (receivedMessages ?? []).map(({ ackId }) => ackId ?? "");
    await subscriber.acknowledge({ subscription, ackIds });
    taken += ackIds.length;
  }
  const lengthMs = performance.now() - startMs;
  await client.subscription(name).delete();
  await close();
  return lengthMs / MEASURED;
}

function openClients(grpcAddress: string): Clients & { readonly close: () => Promise<void> } {
  const client = new PubSub({ projectId: PROJECT, apiEndpoint: grpcAddress, emulatorMode: true });
  const subscriber = new v1.SubscriberClient({
    projectId: PROJECT,
    apiEndpoint: "127.0.0.1",
    port: Number(grpcAddress.split(":")[1]),
    sslCreds: grpc.credentials.createInsecure(),
  });
  async function close(): Promise<void> {
    await client.close();
    await subscriber.close();
  }
  return { client, subscriber, close };
}

function newPlace(): Place {
  loads += 1;
  return { topic: `load-${loads}`, name: `load-${loads}` };
}

async function publish(
  client: PubSub,
  topic: string,
  { messages, keys }: Omit<Load, "way">,
): Promise<void> {
  const publisher = client.topic(topic, { messageOrdering: keys > 0 });
  const numbers = Array.from({ length: messages }, (_, index) => index);
  // A publisher's memory is bounded too: nobody hands it everything at once.
  await atOnce(PUBLISHED_AT_ONCE, numbers, async (number) => {
    const ordering = keys > 0 ? { orderingKey: `key-${number % keys}` } : {};
    await publisher.publishMessage({ data: Buffer.from(String(number)), ...ordering });
  });
}

/** Counts what arrives; messages are numbered, and those of one key go round. */
function startTally({ messages, keys }: Load): Tally {
  const seen = new Set<number>();
  const newest = new Map<number, number>();
  const counts = { redelivered: 0, outOfOrder: 0 };
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    take: (number) => {
      const key = keys > 0 ? number % keys : number;
      counts.redelivered += seen.has(number) ? 1 : 0;
      counts.outOfOrder += (newest.get(key) ?? -1) > number ? 1 : 0;
      newest.set(key, number);
      seen.add(number);
      if (seen.size === messages) {
        resolve();
      }
    },
    complete: promise,
    outcome: () => counts,
  };
}

type Taken = { readonly load: Load; readonly tally: Tally };
type Taking = { readonly end: () => Promise<void> };

async function take(clients: Clients, place: Place, taken: Taken): Promise<Taking> {
  switch (taken.load.way) {
    case "stream":
      return takeByStream(clients, place, taken);
    case "pull":
      return takeByPull(clients, place, taken);
    case "push":
      return takeByPush(clients, place, taken);
  }
}

async function takeByStream(
  { client }: Clients,
  { topic, name }: Place,
  { load, tally }: Taken,
): Promise<Taking> {
  await client.topic(topic).createSubscription(name, { enableMessageOrdering: load.keys > 0 });
  const subscription = client.subscription(name);
  subscription.on("message", (message: Message) => {
    tally.take(Number(message.data.toString()));
    message.ack();
  });
  subscription.on("error", (error: Error) => {
    throw error;
  });
  // Closing sends what is still to be acknowledged.
  return { end: async () => subscription.close() };
}

async function takeByPull(
  { client, subscriber }: Clients,
  { topic, name }: Place,
  { load, tally }: Taken,
): Promise<Taking> {
  await client.topic(topic).createSubscription(name, { enableMessageOrdering: load.keys > 0 });
  const subscription = `projects/${PROJECT}/subscriptions/${name}`;
  const state = { isOver: false };
  async function pullAll(): Promise<void> {
    while (!state.isOver) {
      const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: PULL_MAX });
      const received = receivedMessages ?? [];
      received.forEach(({ message }) =>
        tally.take(Number(Buffer.from(message?.data ?? "").toString())),
      );
      if (received.length > 0) {
        const ackIds = received.map(({ ackId }) => ackId ?? "");
        await subscriber.acknowledge({ subscription, ackIds });
      }
    }
  }
  const pulling = pullAll();
  return {
    end: async () => {
      state.isOver = true;
      // The pull that waits gets one more message to end with.
      await client.topic(topic).publishMessage({ data: Buffer.from("0") });
      await pulling;
    },
  };
}

async function takeByPush(
  { client }: Clients,
  { topic, name }: Place,
  { load, tally }: Taken,
): Promise<Taking> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const data = /"data":\s*"(?<data>[^"]+)"/u.exec(body)?.groups?.["data"] ?? "";
    tally.take(Number(Buffer.from(data, "base64").toString()));
    response.writeHead(204).end();
  }
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await client.topic(topic).createSubscription(name, {
    enableMessageOrdering: load.keys > 0,
    pushEndpoint: `http://127.0.0.1:${port}/`,
  });
  return {
    end: async () => {
      server.close();
      server.closeIdleConnections();
      return Promise.resolve();
    },
  };
}
