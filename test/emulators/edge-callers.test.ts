import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fromLoadBalancer, fromWithin } from "../../emulators/kit/network.ts";
import {
  ANN,
  CI,
  type EdgeSetting,
  GCLOUD,
  openEdge,
  PROJECT,
  URL_OF_WEB,
} from "./edge-setting.ts";

let setting: EdgeSetting;
beforeEach(async () => {
  setting = await openEdge();
});
afterEach(async () => setting.close());

type Headers = Readonly<Record<string, string>>;
type Answer = {
  readonly status: number;
  readonly text: string;
  readonly headers: globalThis.Headers;
};

async function ask(url: string, headers: Headers = {}, path = "/"): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, { headers });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

async function bearer(parts?: Parameters<EdgeSetting["mint"]>[0]): Promise<string> {
  return `Bearer ${await setting.mint(parts)}`;
}

/** What the instance saw of the last request. */
function handedOn(name: string): string | undefined {
  const value = setting.seen.at(-1)?.headers[name];
  return typeof value === "string" ? value : undefined;
}

function withoutSignature(header: string): string {
  return header.replace(/[^.]*$/, "SIGNATURE_REMOVED_BY_GOOGLE");
}

describe("a caller with the right", () => {
  test.each(["authorization", "x-serverless-authorization"])(
    "is let in by %s, whose token reaches the service without its signature",
    async (name) => {
      const { url } = await setting.open();
      const token = await bearer();
      expect(await ask(url, { [name]: token })).toMatchObject({ status: 200, text: "well" });
      expect(handedOn(name)).toBe(withoutSignature(token));
    },
  );

  test("has one token checked and stripped, the other handed on as it came", async () => {
    const { url } = await setting.open();
    const [token, own] = [await bearer(), "Bearer of-the-application"];
    const both = { "x-serverless-authorization": token, authorization: own };
    expect((await ask(url, both)).status).toBe(200);
    expect(handedOn("x-serverless-authorization")).toBe(withoutSignature(token));
    expect(handedOn("authorization")).toBe(own);
    const wrong = { "x-serverless-authorization": own, authorization: token };
    expect((await ask(url, wrong)).status).toBe(401);
  });

  test.each([
    [URL_OF_WEB],
    [`${URL_OF_WEB}/`],
    [`${URL_OF_WEB}/events`],
    ["https://web-123.us-central1.run.app"],
    ["web"],
    [GCLOUD],
  ])("may have a token for %s", async (audience) => {
    const { url } = await setting.open();
    expect((await ask(url, { authorization: await bearer({ audience }) })).status).toBe(200);
  });

  test("needs no address in the token: the account's number is enough", async () => {
    const { url } = await setting.open();
    await setting.mint({ email: CI });
    const claims = { email: undefined, email_verified: undefined };
    const authorization = await bearer({ email: CI, claims });
    expect((await ask(url, { authorization })).status).toBe(200);
  });
});

describe("a caller without the right", () => {
  test("is refused with 403, as one without a token is", async () => {
    const { url } = await setting.open();
    const bob = await bearer({ email: "bob@example.com" });
    for (const headers of [{ authorization: bob }, {}]) {
      const answer = await ask(url, headers, "/a<b>?c");
      expect(answer.status).toBe(403);
      expect(answer.text).toContain("<title>403 Forbidden</title>");
      expect(answer.text).toContain("<code>/a%3Cb%3E</code> from this server.");
      expect(answer.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    }
    expect(setting.seen).toEqual([]);
  });

  test.for([
    ["that has expired", { lifetimeSeconds: -1 }],
    ["for another service", { audience: "https://other.example" }],
    ["for a service whose address begins alike", { audience: `${URL_OF_WEB}.evil.example` }],
    ["of another issuer", { claims: { iss: "https://accounts.evil.example" } }],
  ] as const)("with a token %s is refused with 401", async ([, parts]) => {
    const { url } = await setting.open();
    const answer = await ask(url, { authorization: await bearer(parts) });
    expect(answer.status).toBe(401);
    expect(answer.text).toContain("permission to the requested URL");
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(setting.seen).toEqual([]);
  });

  test("cannot write the mark of a checked signature itself", async () => {
    const { url } = await setting.open();
    const forged = withoutSignature(await bearer());
    expect((await ask(url, { authorization: forged })).status).toBe(401);
  });

  test("is refused from the moment on that a token ends, also one that was believed before", async () => {
    const { url } = await setting.open();
    const headers = { authorization: await bearer({ lifetimeSeconds: 60 }) };
    await setting.clock.advance(59_000);
    expect((await ask(url, headers)).status).toBe(200);
    await setting.clock.advance(1000);
    expect((await ask(url, headers)).status).toBe(401);
  });
});

describe("a service that anybody may invoke", () => {
  test.each([
    ["because allUsers may", { isInvokerChecked: true }],
    ["because nobody is checked", { isInvokerChecked: false }],
  ])("%s gets whatever token is sent as it came", async (_, service) => {
    if (service.isInvokerChecked) {
      setting.invokers.add(null);
    }
    const { url } = await setting.open({ service });
    expect((await ask(url)).status).toBe(200);
    const forged = withoutSignature(await bearer({ email: "boss@example.com" }));
    expect((await ask(url, { authorization: forged })).status).toBe(200);
    expect(handedOn("authorization")).toBe(forged);
  });
});

describe("the ingress", () => {
  const own = fromWithin(PROJECT);
  const other = fromWithin("other");
  test.each([
    ["all", {}, 200],
    ["all", other, 200],
    ["internal", {}, 404],
    ["internal", fromLoadBalancer(), 404],
    ["internal", other, 404],
    ["internal", own, 200],
    ["internal-and-cloud-load-balancing", {}, 404],
    ["internal-and-cloud-load-balancing", other, 404],
    ["internal-and-cloud-load-balancing", own, 200],
    ["internal-and-cloud-load-balancing", fromLoadBalancer(), 200],
  ] as const)("%s answers whoever comes with %o with %i", async (ingress, network, status) => {
    const { url } = await setting.open({ service: { ingress } });
    const answer = await ask(url, { ...network, authorization: await bearer() });
    expect(answer.status).toBe(status);
    expect(answer.text.includes("<h1>Error: Page not found</h1>")).toBe(status === 404);
  });

  test("is judged before the caller: 404 says nothing of rights", async () => {
    const { url } = await setting.open({ service: { ingress: "internal" } });
    expect((await ask(url)).status).toBe(404);
    expect((await ask(url, own)).status).toBe(403);
  });

  test("is passed by nobody who claims to come from within", async () => {
    const { url } = await setting.open({ service: { ingress: "internal" } });
    const [name = ""] = Object.keys(own);
    expect((await ask(url, { [name]: `internal ${PROJECT}` })).status).toBe(404);
  });

  test("is of no concern to the service: what marks the network ends at the front", async () => {
    const { url } = await setting.open();
    await ask(url, { ...own, "x-google-anything": "1", authorization: await bearer() });
    const names = Object.keys(setting.seen[0]?.headers ?? {});
    expect(names.filter((name) => name.startsWith("x-google-"))).toEqual([]);
  });
});

test("people and service accounts are told apart by their addresses", async () => {
  const { url } = await setting.open();
  setting.invokers.delete(`user:${ANN}`);
  expect((await ask(url, { authorization: await bearer() })).status).toBe(403);
  expect((await ask(url, { authorization: await bearer({ email: CI }) })).status).toBe(200);
});
