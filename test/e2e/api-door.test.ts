import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { aService } from "../support/builders.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { happen, install } from "../support/storm.ts";

const BODY_BYTES_MAX = 1_048_576;
const PROMOTE = "/v1/services/web/environments/prod:promote";

const PageBody = z.object({ nextPageToken: z.string().min(1) });

let api: ApiWorld;

beforeAll(async () => {
  api = await startApiWorld();
  await install(api.memory.ports, aService());
  await happen(api.memory, { kind: "push", image: 1 });
  await happen(api.memory, { kind: "roll", isNotified: true });
  await happen(api.memory, { kind: "push", image: 2 });
});

afterAll(async () => {
  await api.close();
});

type Sent = {
  readonly type?: string;
  readonly encoding?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly path?: string;
  readonly isAnonymous?: boolean;
};

async function send(sent: Sent): Promise<{ readonly status: number; readonly body: unknown }> {
  const token = await api.mint({ email: PEOPLE.deployer });
  const response = await fetch(`${api.url}${sent.path ?? PROMOTE}`, {
    method: "POST",
    headers: {
      ...(sent.isAnonymous !== true && { authorization: `Bearer ${token}` }),
      "content-type": sent.type ?? "application/json",
      ...(sent.encoding !== undefined && { "content-encoding": sent.encoding }),
    },
    body: sent.body ?? "{}",
  });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

/** A body of so many bytes: an object that is valid, with spaces around it. */
function bodyOf(bytes: number): string {
  return `{}${" ".repeat(bytes - 2)}`;
}

function status(code: number, name: string, message: RegExp): object {
  const matching: unknown = expect.stringMatching(message);
  return { status: code, body: { error: { code, status: name, message: matching, details: [] } } };
}

describe("a body", () => {
  test.each([
    ["is not JSON", { body: "{not json" }, /not JSON/],
    ["is JSON of another type", { body: "[]" }, /body/],
    ["has bytes that are not UTF-8", { body: new Uint8Array([123, 0xff, 125]) }, /UTF-8/],
    ["is text", { type: "text/plain" }, /application\/json/],
    ["is a form", { type: "application/x-www-form-urlencoded", body: "a=1" }, /application\/json/],
    ["is nearly JSON by its type", { type: "application/jsonp" }, /application\/json/],
    ["is in another charset", { type: "application/json; charset=utf-16" }, /UTF-8/],
    ["is of a charset that nobody knows", { type: 'application/json; charset="x-1"' }, /UTF-8/],
    ["is packed", { encoding: "gzip", body: gzipSync("{}") }, /content-encoding/],
    ["is a bomb", { encoding: "gzip", body: gzipSync(bodyOf(64 * BODY_BYTES_MAX)) }, /encoding/],
    ["is packed twice", { encoding: "gzip, br", body: gzipSync("{}") }, /content-encoding/],
    ["sets the prototype", { body: '{"__proto__": {"reason": "x"}}' }, /__proto__/],
    ["has a field that every object has", { body: '{"constructor": 1}' }, /constructor/],
  ] as const)("that %s is answered with a status", async (_, sent, message) => {
    expect(await send(sent)).toMatchObject(status(400, "INVALID_ARGUMENT", message));
  });

  test("of any kind is not looked at before the caller is known", async () => {
    for (const body of ["{not json", "{}", bodyOf(2 * BODY_BYTES_MAX)]) {
      expect(await send({ body, isAnonymous: true })).toMatchObject(
        status(401, "UNAUTHENTICATED", /ID token/),
      );
    }
  });

  test("may have 1 MiB and not a byte more, announced or not", async () => {
    expect((await send({ body: bodyOf(BODY_BYTES_MAX) })).status).toBe(202);
    const tooLarge = status(413, "INVALID_ARGUMENT", /1048576 bytes/);
    expect(await send({ body: bodyOf(BODY_BYTES_MAX + 1) })).toMatchObject(tooLarge);
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    expect(await sendUntilAnswered(endless)).toMatchObject(tooLarge);
  });

  test("that is declared as JSON in UTF-8 in any spelling is read", async () => {
    for (const type of ["application/json; charset=UTF-8", 'Application/JSON;charset="utf8"']) {
      expect((await send({ type, body: '{"validateOnly": true}' })).status).toBe(200);
    }
  });
});

/** Sends a body without end, and stops with the answer. */
async function sendUntilAnswered(
  body: ReadableStream<Uint8Array>,
): Promise<{ readonly status: number | undefined; readonly body: unknown }> {
  const token = await api.mint({ email: PEOPLE.deployer });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const call = request(`${api.url}${PROMOTE}`, { method: "POST", headers });
    call.once("response", resolve);
    call.once("error", reject);
    const reader = body.getReader();
    const pump = async (): Promise<void> => {
      const { value } = await reader.read();
      if (!call.destroyed && value !== undefined) {
        call.write(value, () => void pump());
      }
    };
    void pump();
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
  }
  answer.destroy();
  const text: unknown = JSON.parse(Buffer.concat(chunks).toString());
  return { status: answer.statusCode, body: text };
}

describe("every answer", () => {
  test.each([
    ["with what was asked for", "GET", "/v1/services/web", 200],
    ["with the description", "GET", "/openapi.json", 200],
    ["that there is no such thing", "GET", "/v1/services/none", 404],
    ["that there is no such path", "GET", "/none", 404],
    ["to a path that cannot be decoded", "GET", "/v1/services/%ff", 404],
    ["to a path that ends in a percent sign", "GET", "/v1/services/%", 404],
    ["to a body that is wrong", "POST", PROMOTE, 400],
    ["to an unknown method", "PATCH", "/v1/services/web", 404],
    ["to who looks for an icon", "GET", "/favicon.ico", 404],
  ])("%s is not kept and not guessed at", async (_, method, path, code) => {
    const token = await api.mint({ email: PEOPLE.deployer });
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(method === "POST" && { body: "{not json" }),
    });
    expect(response.status).toBe(code);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("to a path that cannot be decoded is a status", async () => {
    const token = await api.mint({ email: PEOPLE.deployer });
    const response = await fetch(`${api.url}/v1/services/%ff%41`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await response.json()).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
  });
});

async function page(path: string, token: string): Promise<{ status: number; body: unknown }> {
  const query = new URLSearchParams({ pageSize: "1", pageToken: token }).toString();
  const line = `GET ${path}${path.includes("?") ? "&" : "?"}${query}`;
  return api.call("viewer", line);
}

async function tokenOf(path: string): Promise<string> {
  const { body } = await page(path, "");
  return PageBody.parse(body).nextPageToken;
}

describe("a page token", () => {
  const LISTS = ["/v1/services/web/releases", "/v1/audit?service=web"] as const;

  test.each(LISTS)("of %s leads on, and with a character changed is refused", async (path) => {
    const token = await tokenOf(path);
    expect((await page(path, token)).status).toBe(200);
    const places = [0, 1, Math.floor(token.length / 2), token.length - 1];
    const changed = places.map(
      (at) => `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`,
    );
    for (const forged of [...changed, token.slice(1), `${token}A`, `${token}!`, "1", "e30"]) {
      expect(await page(path, forged), forged).toMatchObject(
        status(400, "INVALID_ARGUMENT", /page token/),
      );
    }
  });

  test("is none of a list that has one page", async () => {
    expect(await page("/v1/holds", "")).toMatchObject({ status: 200 });
    const refusal = status(400, "INVALID_ARGUMENT", /pageToken: this list has only one page/);
    expect(await page("/v1/holds", await tokenOf(LISTS[0]))).toMatchObject(refusal);
  });

  test("of one list is none of another", async () => {
    const [releases, audit] = LISTS;
    expect((await page(audit, await tokenOf(releases))).status).toBe(400);
    expect((await page("/v1/services/web/promotions", await tokenOf(releases))).status).toBe(400);
  });
});
