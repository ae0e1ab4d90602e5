import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { onLoopback } from "../support/on-loopback.ts";

/** A request that an endpoint got. */
export type Arrived = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Says how to answer the n-th request, counted from 1. Null leaves it without an answer. */
export type Answer = (number: number, request: Arrived) => number | null | Promise<number>;

/** A real HTTP endpoint that keeps what it gets. */
export type Endpoint = {
  readonly url: string;
  readonly arrived: readonly Arrived[];
  /** The ids of the messages that arrived, in order. */
  readonly messageIds: () => readonly string[];
  /** Resolves when so many requests have come. */
  readonly holds: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const ARRIVAL_MS = 5_000;

/** Opens an endpoint; it answers 204 unless told otherwise. */
export async function openEndpoint(answer: Answer = () => 204): Promise<Endpoint> {
  const arrived: Arrived[] = [];
  async function reply(request: Arrived, response: ServerResponse): Promise<void> {
    arrived.push(request);
    const status = await answer(arrived.length, request);
    if (status !== null) {
      response.writeHead(status).end();
    }
  }
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    void text(request).then((body) => reply({ path: url, headers, body }, response));
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    arrived,
    messageIds: () => arrived.map(({ body }) => toMessageId(body)),
    holds: async (count) => {
      await expect
        .poll(() => arrived.length, { timeout: ARRIVAL_MS, interval: 2 })
        .toBeGreaterThanOrEqual(count);
    },
    close,
  };
}

/** The JSON of a body. */
export function toJson(request: Arrived | undefined): unknown {
  return JSON.parse(request?.body ?? "null");
}

function toMessageId(body: string): string {
  return /"messageId":"(?<id>\d+)"/u.exec(body)?.groups?.["id"] ?? "";
}

/** The texts of the messages that arrived, in order. */
export function arrivedTexts(endpoint: Endpoint): readonly string[] {
  return endpoint.arrived.map(({ body }) => {
    const data = /"data":"(?<data>[^"]*)"/u.exec(body)?.groups?.["data"] ?? "";
    return Buffer.from(data, "base64").toString();
  });
}
