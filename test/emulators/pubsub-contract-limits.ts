import { expect } from "vitest";
import { PROJECT } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

const MEGABYTE = 1_000_000;

/** How long a refusal may take. */
const REFUSED_MS = 3_000;

type Message = {
  readonly data?: string;
  readonly attributes?: object;
  readonly orderingKey?: string;
};

/** What one request, one message and one name may hold. */
export function checkLimits(checks: Checks): void {
  checkPublishes(checks);
  checkNames(checks);
}

function checkPublishes({ check, bench }: Checks): void {
  /** Publishes as REST has it and gives the status. */
  async function publish(messages: readonly Message[]): Promise<number> {
    const { topic } = await bench().makePair();
    const path = `projects/${PROJECT}/topics/${topic}:publish`;
    const { status } = await bench().rest("POST", path, { messages });
    return status;
  }
  function checkEdge(what: string, taken: readonly Message[], refused: readonly Message[]): void {
    check(`a request may have ${what}, and no more`, async () => {
      expect(await publish(taken)).toBe(200);
      expect(await publish(refused)).toBe(400);
    });
  }
  checkEdge("1,000 messages", repeat(1_000, { data: "aGk=" }), repeat(1_001, { data: "aGk=" }));
  checkEdge("100 attributes a message", [withAttributes(100)], [withAttributes(101)]);
  checkEdge(
    "256 bytes in an attribute's key",
    [{ attributes: { ["k".repeat(256)]: "v" } }],
    [{ attributes: { ["k".repeat(257)]: "v" } }],
  );
  checkEdge(
    "1,024 bytes in an attribute's value",
    [{ attributes: { key: "v".repeat(1_024) } }],
    [{ attributes: { key: "v".repeat(1_025) } }],
  );
  checkEdge(
    "1,024 bytes in an ordering key",
    [{ data: "aGk=", orderingKey: "k".repeat(1_024) }],
    [{ data: "aGk=", orderingKey: "k".repeat(1_025) }],
  );
  checkEdge(
    "an attribute that does not start with goog",
    [{ attributes: { good: "v" } }],
    [{ attributes: { googKey: "v" } }],
  );
  checkEdge(
    "one ordering key",
    [1, 2].map(() => ({ data: "aGk=", orderingKey: "a" })),
    ["a", "b"].map((orderingKey) => ({ data: "aGk=", orderingKey })),
  );
  check("a request may have 10 MB, and no more", async () => {
    const topic = `projects/${PROJECT}/topics/${(await bench().makePair()).topic}`;
    const messages = [4, 5].map((size) => ({ data: Buffer.alloc(size * MEGABYTE) }));
    await bench().publisher.publish({ topic, messages });
    const more = [...messages, { data: Buffer.alloc(2 * MEGABYTE) }];
    const refused = bench().publisher.publish({ topic, messages: more }, { timeout: REFUSED_MS });
    await expect(refused).rejects.toMatchObject({ code: 3 });
  });
  check("a request without messages is refused", async () => {
    expect(await publish([])).toBe(400);
  });
  check("a request with one bad message is refused whole", async () => {
    const { topic, name } = await bench().makePair();
    const path = `projects/${PROJECT}/topics/${topic}:publish`;
    const { status } = await bench().rest("POST", path, { messages: [{ data: "aGk=" }, {}] });
    expect(status).toBe(400);
    expect(await bench().pull(name)).toEqual([]);
  });
  check("a message of nine megabytes arrives whole", async () => {
    const { topic, name } = await bench().makePair();
    const data = Buffer.alloc(9 * MEGABYTE, "0123456789");
    await bench()
      .client.topic(topic)
      .publishMessage({ data, attributes: { ключ: "значение" } });
    const inbox = bench().openInbox(name);
    await inbox.holds(1);
    await inbox.close();
    expect(inbox.messages[0]?.data.equals(data)).toBe(true);
    expect(inbox.messages[0]?.attributes).toEqual({ ключ: "значение" });
  });
}

function checkNames({ check, bench }: Checks): void {
  async function create(collection: string, id: string): Promise<number> {
    const { topic } = await bench().makePair();
    const body = collection === "topics" ? {} : { topic: `projects/${PROJECT}/topics/${topic}` };
    const { status } = await bench().rest("PUT", `projects/${PROJECT}/${collection}/${id}`, body);
    return status;
  }
  for (const collection of ["topics", "subscriptions"]) {
    check(`the names of ${collection} have 3 to 255 characters of a few kinds`, async () => {
      const taken = [`a${"b".repeat(254)}`, "Abc", "a-1._~+b"];
      const refused = [`a${"b".repeat(255)}`, "ab", "1ab", "googab", "a*b", "a,b", "-ab"];
      for (const id of taken) {
        expect([id, await create(collection, encodeURIComponent(id))]).toEqual([id, 200]);
      }
      for (const id of refused) {
        expect([id, await create(collection, encodeURIComponent(id))]).toEqual([id, 400]);
      }
    });
  }
}

function repeat(count: number, message: Message): readonly Message[] {
  return Array.from({ length: count }, () => message);
}

function withAttributes(count: number): Message {
  const keys = Array.from({ length: count }, (_, index) => `key-${index}`);
  const attributes: Readonly<Record<string, string>> = Object.fromEntries(
    keys.map((key) => [key, "v"]),
  );
  return { attributes };
}
