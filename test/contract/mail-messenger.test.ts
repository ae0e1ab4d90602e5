import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mailMessenger } from "../../shared/adapters/mail-messenger.ts";
import type { Answer, NoticeMessage } from "../../shared/ports/notices.ts";
import type { MailRelay } from "../../shared/wire/mail-relay.ts";
import { aMessage } from "../support/notice-message.ts";

type Received = { readonly to: readonly string[]; readonly user: string; readonly source: string };

/** How the relay behaves towards one test. */
const behaviour = { refusesRecipient: "", refusesData: false, hangs: false };
const received: Received[] = [];
let server: SMTPServer;
let relay: MailRelay;

async function take(
  stream: Readable,
  about: Omit<Received, "source">,
  done: (refusal: Error | null) => void,
): Promise<void> {
  received.push({ ...about, source: await text(stream) });
  done(behaviour.refusesData ? new Error("552 too large") : null);
}

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    onAuth: (auth, _session, done) => {
      if (auth.password === "right") {
        done(null, { user: auth.username ?? "" });
      } else {
        done(new Error("535 no such person"));
      }
    },
    onRcptTo: ({ address }, _session, done) => {
      done(address === behaviour.refusesRecipient ? new Error("550 nobody here") : null);
    },
    onData: (stream, session, done) => {
      const to = session.envelope.rcptTo.map(({ address }) => address);
      void take(stream, { to, user: String(session.user ?? "") }, done);
    },
  });
  const { promise, resolve } = Promise.withResolvers<null>();
  const listening = server.listen(0, "127.0.0.1", () => {
    resolve(null);
  });
  await promise;
  const address = listening.address();
  relay = {
    host: "127.0.0.1",
    port: typeof address === "object" && address !== null ? address.port : 0,
    isTls: false,
    isLoopback: true,
    from: "slipway@example.com",
    user: null,
    passwordSecret: null,
    domains: ["example.com"],
  };
});

beforeEach(() => {
  received.length = 0;
  Object.assign(behaviour, { refusesRecipient: "", refusesData: false });
});

afterAll(async () => {
  const { promise, resolve } = Promise.withResolvers<null>();
  server.close(() => {
    resolve(null);
  });
  await promise;
});

async function tell(
  message: NoticeMessage = aMessage(),
  { to = ["web@example.com"], ...parts }: Partial<MailRelay> & { to?: readonly string[] } = {},
  password: string | null = null,
): Promise<Answer> {
  const messenger = mailMessenger({
    relay: { ...relay, ...parts },
    project: "acme-slipway",
    password: async () => Promise.resolve(password),
  });
  return messenger.tell({ kind: "mail", to }, message);
}

/** A header of the first mail, its lines put together. */
function header(name: string, index = 0): string {
  const head = (received[index]?.source ?? "").split("\r\n\r\n")[0] ?? "";
  const lines = head.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  return lines
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim())
    .join(" | ");
}

describe("a mail", () => {
  test("has the record's id, says what happened in text and HTML, and links to more", async () => {
    expect(await tell()).toEqual({ kind: "told", thread: "<web-7.acme-slipway@example.com>" });
    expect(received[0]?.to).toEqual(["web@example.com"]);
    expect(header("Message-ID")).toBe("<web-7.acme-slipway@example.com>");
    expect(header("From")).toBe("Slipway <slipway@example.com>");
    expect(header("Subject")).toBe("[Slipway] web 1.4.2 into prod");
    expect(header("Auto-Submitted")).toBe("auto-generated");
    expect(header("In-Reply-To")).toBe("");
    expect(header("Content-Type")).toContain("multipart/alternative");
    const source = received[0]?.source ?? "";
    expect(source).toContain("web 1.4.2 into prod failed at the step rollout: no pods");
    expect(source).toContain("https://slipway.example.com/promotions/p");
  });

  test("answers the first one of its conversation", async () => {
    const first = await tell(aMessage({ id: "web-5" }));
    const thread = first.kind === "told" ? first.thread : null;
    expect(await tell(aMessage({ id: "web-9" }, { thread }))).toEqual({ kind: "told", thread });
    expect(header("Message-ID", 1)).toBe("<web-9.acme-slipway@example.com>");
    expect(header("In-Reply-To", 1)).toBe(thread);
    expect(header("References", 1)).toBe(thread);
    expect(header("Subject", 1)).toBe(header("Subject", 0));
  });

  test("that comes again has the same id", async () => {
    await tell();
    await tell();
    expect(header("Message-ID", 1)).toBe(header("Message-ID", 0));
  });

  test.each(["\r\nBcc: eve@example.net", "\nBcc: eve@example.net", "\u2028Bcc: eve@example.net"])(
    "is the same for whoever writes %j",
    async (evil) => {
      await tell(
        aMessage(
          { id: "web-7", text: `failed${evil}\r\n.\r\nMAIL FROM:<eve@example.net>` },
          { title: `web${evil} into prod`, page: `https://slipway.example.com/${evil}` },
        ),
      );
      expect(received).toHaveLength(1);
      expect(received[0]?.to).toEqual(["web@example.com"]);
      expect(header("Bcc")).toBe("");
    },
  );

  test("shows what people write as they wrote it", async () => {
    await tell(aMessage({ text: 'failed: <img src=x onerror="alert(1)">' }));
    expect(received[0]?.source).toContain("&lt;img src=3Dx");
    expect(received[0]?.source.split("text/html")[1]).not.toContain("<img");
  });

  test("goes to all of its addresses at once", async () => {
    await tell(aMessage(), { to: ["a@example.com", "b@example.com"] });
    expect(received.map(({ to }) => to)).toEqual([["a@example.com", "b@example.com"]]);
  });
});

describe("a relay", () => {
  test("is told who speaks, and says so when it does not know them", async () => {
    await tell(aMessage(), { user: "slipway" }, "right");
    expect(received[0]?.user).toBe("slipway");
    const refused = await tell(aMessage(), { user: "slipway" }, "wrong");
    expect(refused.kind === "later" ? refused.reason : "").toContain("mail.user in slipway.yaml");
    expect(received).toHaveLength(1);
  });

  test("gets nothing for a domain that the installation does not name", async () => {
    const answer = await tell(aMessage(), { to: ["web@example.com", "eve@example.net"] });
    expect(answer.kind === "later" ? answer.reason : "").toContain(
      "name example.net under mail.domains",
    );
    expect(received).toEqual([]);
  });

  test.each([
    ["does not know the address", { refusesRecipient: "web@example.com" }, "correct the addresses"],
    ["does not take the mail", { refusesData: true }, "552 too large"],
  ])("that %s is tried later", async (_, changed, reason) => {
    Object.assign(behaviour, changed);
    const answer = await tell();
    expect(answer).toMatchObject({ kind: "later", thread: null });
    expect(answer.kind === "later" ? answer.reason : "").toContain(reason);
  });

  test("that is elsewhere gets nothing, and no password, unless its certificate is valid", async () => {
    const answer = await tell(aMessage(), { isLoopback: false, user: "slipway" }, "right");
    expect(answer.kind === "later" ? answer.reason : "").toContain("certificate");
    expect(received).toEqual([]);
  });

  test("that is not there is tried later", async () => {
    const answer = await tell(aMessage(), { port: 9 });
    expect(answer.kind === "later" ? answer.reason : "").toContain("mail.relay in slipway.yaml");
  });
});
