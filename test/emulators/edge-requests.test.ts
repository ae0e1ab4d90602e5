import { once } from "node:events";
import { createServer, request as call } from "node:http";
import type { ClientRequest, IncomingMessage } from "node:http";
import { createServer as listenRaw } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PENDING_MAX_MS } from "../../emulators/edge/capacity.ts";
import { REQUEST_BYTES_MAX } from "../../emulators/edge/hop.ts";
import { until } from "../support/until.ts";
import { type EdgeSetting, openEdge, portOf } from "./edge-setting.ts";

let setting: EdgeSetting;
beforeEach(async () => {
  setting = await openEdge();
  setting.invokers.add(null);
});
afterEach(async () => setting.close());

async function post(
  url: string,
  body: Uint8Array<ArrayBuffer> | string,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, { method: "POST", body });
  return { status: answer.status, text: await answer.text() };
}

async function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve) => {
    asked.once("response", resolve);
  });
}

async function nextOf(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    answer.once("data", (chunk: Buffer) => {
      resolve(chunk.toString());
    });
  });
}

describe("a request", () => {
  test("keeps its host, method, path and body, and the answer its status, headers and body", async () => {
    let body = "";
    const { url } = await setting.open({
      handler: (request, response) => {
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.once("end", () => {
          response.writeHead(418, { "x-own": "1", server: "mine" });
          response.end("short and stout");
        });
      },
    });
    const answer = await fetch(`${url}/a%20b?c=d`, { method: "PUT", body: "milk" });
    expect(body).toBe("milk");
    expect(answer.status).toBe(418);
    expect(answer.headers.get("x-own")).toBe("1");
    expect(answer.headers.get("server")).toBe("Google Frontend");
    expect(await answer.text()).toBe("short and stout");
    expect(setting.seen[0]).toMatchObject({ method: "PUT", url: "/a%20b?c=d" });
    expect(`http://${setting.seen[0]?.headers.host ?? ""}`).toBe(url);
  });

  test("is not lost to an instance that ends its connections without a word", async () => {
    const used = new WeakSet<Socket>();
    const { url } = await setting.open({
      handler: ({ socket }, response) => {
        if (used.has(socket)) {
          socket.destroy();
          return;
        }
        used.add(socket);
        response.end("ok");
      },
    });
    for (const body of ["first", "second"]) {
      expect(await post(url, body)).toEqual({ status: 200, text: "ok" });
    }
  });

  test("gets the answer of an instance that does not read all of it", async () => {
    const { url } = await setting.open({
      handler: (_request, response) => {
        response.writeHead(413).end("too large");
      },
    });
    for (let round = 0; round < 20; round += 1) {
      const answer = await post(url, new Uint8Array(4_000_000));
      expect(answer).toEqual({ status: 413, text: "too large" });
    }
  });

  test("gets the headers that say whence it comes, whatever it says itself, and its trace", async () => {
    const { url } = await setting.open();
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const headers = {
      "x-forwarded-for": "192.0.2.1",
      forwarded: "for=evil",
      "x-forwarded-proto": "gopher",
      traceparent: `00-${trace}-b7ad6b7169203331-01`,
    };
    await fetch(url, { headers });
    expect(setting.seen[0]?.headers).toMatchObject({
      "x-forwarded-for": "192.0.2.1,127.0.0.1",
      "x-forwarded-proto": "http",
      forwarded: 'for="127.0.0.1";proto=http',
      traceparent: expect.stringMatching(`^00-${trace}-[0-9a-f]{16}-00$`) as unknown,
      "x-cloud-trace-context": expect.stringMatching(`^${trace}/[0-9]+$`) as unknown,
    });
    await fetch(url);
    expect(setting.seen[1]?.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(setting.seen[1]?.headers["traceparent"]).toMatch(/^00-(?!0af7)[0-9a-f]{32}-/);
  });

  test("is streamed both ways: an answer begins before the request has ended", async () => {
    const { url } = await setting.open({
      handler: (request, response) => {
        request.pipe(response);
      },
    });
    const asked = call(url, { method: "POST" });
    asked.write("first");
    const answer = await answerTo(asked);
    expect(await nextOf(answer)).toBe("first");
    asked.end("last");
    expect(await nextOf(answer)).toBe("last");
  });

  test("may have 32 MiB and not a byte more, announced or not", async () => {
    const { url } = await setting.open();
    expect((await post(url, new Uint8Array(REQUEST_BYTES_MAX))).status).toBe(200);
    expect((await post(url, new Uint8Array(REQUEST_BYTES_MAX + 1))).status).toBe(413);
    const asked = call(url, { method: "POST" });
    asked.on("error", () => {});
    asked.write(new Uint8Array(REQUEST_BYTES_MAX + 1));
    const answer = await answerTo(asked);
    expect(answer.statusCode).toBe(413);
    asked.destroy();
  });
});

describe("the request timeout", () => {
  test("ends a request one millisecond after it has been in time, with 504", async () => {
    const { url } = await setting.open({ serving: { timeoutMs: 1000 }, handler: () => {} });
    const asked = post(url, "");
    await until(
      "the instance is asked",
      async () => setting.seen.length,
      (count) => count === 1,
    );
    await setting.clock.advance(999);
    expect(setting.seen[0]?.destroyed).toBe(false);
    await setting.clock.advance(1);
    expect(await asked).toEqual({ status: 504, text: "upstream request timeout" });
  });
});

describe("instances", () => {
  test("that are all busy make a request wait, and answer 429 when that takes too long", async () => {
    const held: (() => void)[] = [];
    const { url } = await setting.open({
      serving: { concurrency: 2, instancesMax: 1 },
      handler: (_, response) => held.push(() => response.end("done")),
    });
    const [first, second, third, fourth] = [
      post(url, ""),
      post(url, ""),
      post(url, ""),
      post(url, ""),
    ];
    await until(
      "two are asked",
      async () => held.length,
      (count) => count === 2,
    );
    await setting.clock.advance(PENDING_MAX_MS - 1);
    held.shift()?.();
    await until(
      "a third one is",
      async () => held.length,
      (count) => count === 2,
    );
    await setting.clock.advance(1);
    held.forEach((answer) => {
      answer();
    });
    const answers = await Promise.all([first, second, third, fourth]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
      200, 200, 200, 429,
    ]);
    expect(answers.find(({ status }) => status === 429)?.text).toBe("Rate exceeded.");
  });

  test("that break off are answered for with 503", async () => {
    const { url } = await setting.open({
      handler: (request) => {
        request.socket.destroy();
      },
    });
    const answer = await post(url, "x");
    expect(answer.status).toBe(503);
    expect(answer.text).toContain("<h1>Error: Server Error</h1>");
  });

  test("that do not listen yet are waited for, and the request reaches them whole", async () => {
    const holder = listenRaw();
    holder.listen(0, "127.0.0.1");
    await once(holder, "listening");
    const instancePort = portOf(holder);
    holder.close();
    await once(holder, "close");
    const { url } = await setting.edge.open({
      service: { name: "n", ingress: "all", isInvokerChecked: false, audiences: [] },
      instancePort,
    });
    const asked = post(url, "a body");
    const late = createServer((request, response) => {
      request.pipe(response);
    });
    late.listen(instancePort, "127.0.0.1");
    expect(await asked).toEqual({ status: 200, text: "a body" });
    late.close();
    late.closeAllConnections();
  });
});
