import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";

import { askOnce } from "../../shared/adapters/probe-request.ts";
import { verdictOn } from "../../shared/adapters/probe-verdict.ts";
import { onLoopback } from "../support/on-loopback.ts";
import { present } from "../support/present.ts";

const URL_ASKED = "https://web.example.com/-/healthz";
const NOTHING_SAID = { headers: {}, bytesMax: 1000, via: null };

type Verdict = ReturnType<typeof verdictOn>;

function answered(status: number, body = "", isFenced = false): Verdict {
  return verdictOn(
    URL_ASKED,
    { kind: "answered", status, contentType: "text/html", body, isOfProxy: false },
    isFenced,
  );
}

describe("a 404", () => {
  test.each([
    ["Google's front", "<title>404 Page not found</title>\n<h1>Error: Page not found</h1>", true],
    ["Google's front for a name", "<title>Error 404 (Not Found)!!1</title>", true],
    ["a load balancer", "fault filter abort", true],
    ["a load balancer of a cluster", "default backend - 404", true],
    ["the service", "<title>404 Not Found</title><h1>Not Found</h1>", false],
    ["the service, without a word", "", false],
  ])("of %s is told by its text, %j: it says nothing of the release, %s", (_, body, isBlocked) => {
    const seen = answered(404, body);
    expect(seen).toMatchObject({ isOk: false, isBlocked });
    expect(seen.detail.includes("this is Google's answer")).toBe(isBlocked);
  });

  test("at an address that only internal requests reach never says anything", () => {
    expect(answered(404, "not found", true).isBlocked).toBe(true);
    expect(answered(500, "", true).isBlocked).toBe(false);
  });
});

test.each([
  [199, false, false],
  [200, true, false],
  [299, true, false],
  [300, false, false],
  [401, false, true],
  [403, false, true],
  [429, false, true],
  [500, false, false],
  [503, false, false],
])("the status %i is well: %s, and says nothing: %s", (status, isOk, isBlocked) => {
  expect(answered(status)).toMatchObject({ isOk, isBlocked });
});

test("a way to a page for signing in says nothing where Identity-Aware Proxy shows it", async () => {
  const server = createHttpServer((request, response) => {
    const isBehind = request.url === "/behind";
    response.writeHead(302, {
      location: "https://accounts.google.com/o/oauth2/v2/auth",
      ...(isBehind && { "x-goog-iap-generated-response": "true" }),
    });
    response.end();
  });
  const { url, close } = await onLoopback(server);
  const seen = async (path: string): Promise<Verdict> => {
    const asked = new URL(path, url);
    const answer = await askOnce(asked, { ...NOTHING_SAID, deadlineMs: 5000 });
    return verdictOn(asked.href, answer, false);
  };
  const [behind, own] = [await seen("/behind"), await seen("/own")];
  await close();
  expect(behind).toMatchObject({ isOk: false, isBlocked: true });
  expect(behind.detail).toContain(
    "Identity-Aware Proxy's answer, not the service's: set verify.url",
  );
  expect(own).toMatchObject({ isOk: false, isBlocked: false });
});

describe("a connection", () => {
  test("that does not come about in time is no silence of the service", async () => {
    const silent = createServer();
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = present(silent.address(), "its address");
    const port = typeof address === "string" ? 0 : address.port;
    const question = { ...NOTHING_SAID, deadlineMs: 50 };
    // It takes the connection and says nothing: over TLS none has come about, over plain HTTP one has.
    const secure = await askOnce(new URL(`https://127.0.0.1:${port}/`), question);
    expect(secure).toEqual({ kind: "unreached", reason: "no connection within 50 ms" });
    const plain = await askOnce(new URL(`http://127.0.0.1:${port}/`), question);
    expect(plain).toEqual({ kind: "silent", reason: "no answer within 50 ms" });
    expect(verdictOn(URL_ASKED, secure, false).isBlocked).toBe(true);
    expect(verdictOn(URL_ASKED, plain, false).isBlocked).toBe(false);
    silent.close();
  });
});
