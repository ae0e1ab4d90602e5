import { expect } from "vitest";
import { toPath } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";
import { openEndpoint, toJson, type Arrived } from "./pubsub-endpoint.ts";

/** Pushes to an endpoint. */
export function checkPush({ check, bench }: Checks): void {
  async function pushTwice(message: object): Promise<readonly Arrived[]> {
    const endpoint = await openEndpoint((number) => (number === 1 ? 500 : 204));
    const { topic, name } = await bench().makePair({
      pushEndpoint: `${endpoint.url}/push?token=x`,
      retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: { seconds: 0 } },
    });
    const messageId = await bench().client.topic(topic).publishMessage(message);
    await endpoint.holds(2);
    await endpoint.close();
    const envelope = { message: { messageId, message_id: messageId }, subscription: toPath(name) };
    expect(toJson(endpoint.arrived[0])).toMatchObject(envelope);
    return endpoint.arrived;
  }

  check("a push carries the wrapped message until it is acknowledged", async () => {
    const data = Buffer.from("text");
    const arrived = await pushTwice({ data, attributes: { key: "value" } });
    expect(arrived.map(({ path }) => path)).toEqual(["/push?token=x", "/push?token=x"]);
    expect(arrived[1]?.body).toBe(arrived[0]?.body);
    expect(arrived[0]?.headers["content-type"]).toMatch(/^application\/json/u);
    expect(toJson(arrived[0])).toMatchObject({
      message: { data: data.toString("base64"), attributes: { key: "value" } },
    });
  });

  check("a push of a message without data has no data", async () => {
    const arrived = await pushTwice({ attributes: { key: "value" } });
    expect(toJson(arrived[0])).not.toHaveProperty("message.data");
  });
}
