import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { LookupFunction } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { webhookMessenger } from "../../shared/adapters/webhook-messenger.ts";
import { postOnce } from "../../shared/adapters/webhook-request.ts";
import type { Reach } from "../../shared/adapters/webhook-request.ts";
import { parseWebhookKeys } from "../../shared/adapters/webhook-signature.ts";
import type { Answer, NoticeMessage } from "../../shared/ports/notices.ts";
import { aMessage } from "../support/notice-message.ts";
import { onLoopback } from "../support/on-loopback.ts";

const OLD = `whsec_${Buffer.alloc(24, "old").toString("base64")}`;
const NEW = `whsec_${Buffer.alloc(64, "new").toString("base64")}`;

type Received = {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly path: string;
};

let port = 0;
let close: () => Promise<void>;
let secret: string | null = null;
let answer: { status: number; headers: Record<string, string> };
let connections = 0;
const received: Received[] = [];

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  received.push({ headers: plain(request.headers), body, path: request.url ?? "" });
  if (answer.status !== 0) {
    response.writeHead(answer.status, answer.headers).end("a long story of the receiver's");
  }
}

beforeAll(async () => {
  const server = createServer((request, response) => {
    void take(request, response);
  });
  server.on("connection", () => {
    connections += 1;
  });
  ({ port, close } = await onLoopback(server));
});

beforeEach(() => {
  received.length = 0;
  connections = 0;
  secret = OLD;
  answer = { status: 204, headers: {} };
});

afterAll(async () => {
  await close();
});

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, String(value)] as const),
  );
}

async function tell(
  message: NoticeMessage = aMessage(),
  url = `http://127.0.0.1:${port}/hook?key=1`,
  reach: Reach = { kind: "anywhere" },
): Promise<Answer> {
  const messenger = webhookMessenger({
    secret: async () => Promise.resolve(secret),
    reach,
    clock: systemClock(),
  });
  return messenger.tell({ kind: "webhook", url, secret: "notices_web" }, message);
}

describe("an event", () => {
  test("is signed so that Standard Webhooks' own package believes it, with the record's id", async () => {
    expect(await tell()).toEqual({ kind: "told", thread: null });
    const [{ headers, body, path } = { headers: {}, body: "", path: "" }] = received;
    expect(path).toBe("/hook?key=1");
    expect(headers["webhook-id"]).toBe("web-7");
    expect(new Webhook(OLD).verify(body, headers)).toMatchObject({
      type: "notice.failed",
      data: { id: "web-7", title: "web 1.4.2 into prod", isPressing: true },
    });
    expect(() => new Webhook(OLD).verify(`${body} `, headers)).toThrow(/signature/);
    expect(() => new Webhook(NEW).verify(body, headers)).toThrow(/signature/);
  });

  test("is signed with each of several secrets while they change", async () => {
    secret = `${NEW}\n${OLD}\n`;
    await tell();
    const [{ headers, body } = { headers: {}, body: "" }] = received;
    for (const one of [OLD, NEW]) {
      expect(new Webhook(one).verify(body, headers)).toBeTruthy();
    }
  });

  test("that comes again has the same id and the same body", async () => {
    await tell();
    await tell();
    const [first, second] = received;
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.body).toBe(first?.body);
  });

  test.each([
    [null, "must have one to 5 lines"],
    ["", "must have one to 5 lines"],
    ["secret", "must have one to 5 lines"],
    [`whsec_${Buffer.alloc(23).toString("base64")}`, "24 to 64 bytes"],
    [`whsec_${Buffer.alloc(65).toString("base64")}`, "24 to 64 bytes"],
    [Array.from({ length: 6 }, () => OLD).join("\n"), "must have one to 5 lines"],
  ])("is not sent with the secret %j", async (value, complaint) => {
    secret = value;
    expect(await tell()).toMatchObject({ kind: "later" });
    const parsed = parseWebhookKeys(value ?? "");
    expect(parsed.ok ? "" : parsed.refusal).toContain(complaint);
    expect(connections).toBe(0);
  });
});

describe("a receiver", () => {
  test.each([
    [200, "told", ""],
    [299, "told", ""],
    [302, "later", "answered 302, which leads elsewhere, and nobody follows"],
    [400, "later", "answered 400"],
    [401, "later", "answered 401"],
    [410, "gone", "answered 410: it wants no more events"],
    [500, "later", "answered 500"],
  ])("that answers %i is %s %s", async (status, kind, reason) => {
    answer = { status, headers: { location: `http://127.0.0.1:${port}/elsewhere` } };
    const came = await tell();
    expect(came.kind).toBe(kind);
    expect("reason" in came ? came.reason : "").toContain(reason);
    expect(received.map(({ path }) => path)).toEqual(["/hook?key=1"]);
  });

  test.each([
    ["120", 120_000],
    ["999999999", 3_600_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["soon", null],
  ])(
    "that is busy for %s is left alone for so long, and no longer than an hour",
    async (after, wait) => {
      answer = { status: 503, headers: { "retry-after": after } };
      expect(await tell()).toMatchObject({ kind: "later", wait });
    },
  );

  test("that never answers is given up", async () => {
    answer = { status: 0, headers: {} };
    const post = { headers: {}, body: "{}", deadlineMs: 20 };
    const url = new URL(`http://127.0.0.1:${port}/`);
    expect(await postOnce(url, post, { kind: "anywhere" })).toEqual({
      kind: "unreached",
      reason: "did not answer within 20 ms",
    });
  });

  test("that is not there is tried later", async () => {
    expect(await tell(aMessage(), "http://127.0.0.1:9/")).toMatchObject({ kind: "later" });
  });
});

/** A name server by which every name leads to this machine. */
const resolve: LookupFunction = (_host, _options, done) => {
  done(null, [{ address: "127.0.0.1", family: 4 }]);
};

describe("on Google's cloud", () => {
  test.each([
    ["http://hooks.example.com", "is not reached over https"],
    ["http://127.0.0.1", "is not reached over https"],
    ["https://127.0.0.1", "not of the internet"],
    ["https://2130706433", "not of the internet"],
    ["https://0x7f.1", "not of the internet"],
    ["https://169.254.169.254", "not of the internet"],
    ["https://[::1]", "not of the internet"],
    ["https://[::ffff:127.0.0.1]", "not of the internet"],
    ["https://[fd20:ce::254]", "not of the internet"],
    ["https://localhost", "not of the internet"],
    ["https://metadata.google.internal", "not of the internet"],
    ["https://rebinds.example.com", "not of the internet"],
  ])("nobody speaks to %s, which %s", async (origin, reason) => {
    const reach: Reach = { kind: "internet", resolve };
    const came = await tell(aMessage(), `${origin}:${port}/`, reach);
    expect(came.kind === "later" ? came.reason : "").toContain(reason);
    expect(connections).toBe(0);
  });

  test("a name that leads to this machine leads nowhere, whoever looks it up", async () => {
    const came = await tell(aMessage(), `https://localhost:${port}/`, { kind: "internet" });
    expect(came.kind === "later" ? came.reason : "").toContain("not of the internet");
    expect(connections).toBe(0);
  });
});
