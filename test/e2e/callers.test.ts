import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { messageFunction } from "../../functions/message-function.ts";
import { onTickFunction } from "../../functions/on-tick.ts";
import type { Wiring } from "../../functions/wiring.ts";
import { callerReader } from "../../shared/adapters/caller.ts";
import { systemClock } from "../../shared/adapters/system-clock.ts";
import { PEOPLE, startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { serveFunction } from "../support/function-server.ts";
import type { FunctionServer } from "../support/function-server.ts";

/** The account that api-world names as one that delivers. */
const EVENTS = "push@slipway.iam.gserviceaccount.com";

let api: ApiWorld;
let isEdgeChecked: boolean;
let tick: FunctionServer;

beforeAll(async () => {
  api = await startApiWorld();
  tick = await serveFunction(
    "callers-tick",
    messageFunction(async () => wiring(), onTickFunction),
  );
});
afterAll(async () => {
  await tick.close();
  await api.close();
});
beforeEach(() => {
  isEdgeChecked = false;
});

function wiring(): Wiring {
  const { identity } = api.wiring.config;
  const readCaller = callerReader({ ...identity, isEdgeChecked, clock: systemClock() });
  return { ...api.wiring, readCaller };
}

const AN_EVENT = { "ce-type": "google.cloud.pubsub.topic.v1.messagePublished", "ce-id": "1" };

async function deliver(headers: Readonly<Record<string, string>>): Promise<number> {
  const data = Buffer.from(JSON.stringify({ kind: "minute" })).toString("base64");
  const body = JSON.stringify({ message: { data, messageId: "1" } });
  const sent = { "content-type": "application/json", ...headers };
  const answer = await fetch(`${tick.url}/`, { method: "POST", headers: sent, body });
  await answer.arrayBuffer();
  return answer.status;
}

async function bearer(parts: Partial<Parameters<ApiWorld["mint"]>[0]> = {}): Promise<string> {
  return `Bearer ${await api.mint({ email: EVENTS, audience: tick.url, ...parts })}`;
}

function strip(header: string): string {
  return header.replace(/[^.]*$/, "SIGNATURE_REMOVED_BY_GOOGLE");
}

describe("a message function", () => {
  test("takes a delivery with a token of the account that delivers, for its own address", async () => {
    for (const audience of [tick.url, `${tick.url}/`]) {
      expect(await deliver({ authorization: await bearer({ audience }) })).toBe(200);
    }
    expect(await deliver({ "x-serverless-authorization": await bearer() })).toBe(200);
  });

  test.each([true, false])(
    "believes no request because it calls itself an event, with a check before it: %s",
    async (isChecked) => {
      isEdgeChecked = isChecked;
      expect(await deliver(AN_EVENT)).toBe(401);
      expect(await deliver({ ...AN_EVENT, authorization: await bearer() })).toBe(200);
    },
  );

  test("takes a token without its signature only behind Cloud Run's check", async () => {
    const authorization = strip(await bearer());
    expect(await deliver({ ...AN_EVENT, authorization })).toBe(401);
    isEdgeChecked = true;
    expect(await deliver({ ...AN_EVENT, authorization })).toBe(200);
  });

  test.for([
    ["of somebody who may use the API", { email: PEOPLE.oncall }],
    ["for another address", { audience: "https://other.example" }],
    ["that has expired", { lifetimeSeconds: -120 }],
    ["of another issuer", { claims: { iss: "https://evil.example" } }],
    ["whose address nobody verified", { claims: { email_verified: false } }],
  ] as const)("takes no token %s", async ([, parts]) => {
    const authorization = await bearer(parts);
    expect(await deliver({ authorization })).toBe(401);
    isEdgeChecked = true;
    expect(await deliver({ authorization: strip(authorization) })).toBe(401);
  });
});

describe("the API", () => {
  test("takes the token that gcloud prints for a person, in either header", async () => {
    const audience = "32555940559.apps.googleusercontent.com";
    const token = await api.mint({ email: PEOPLE.viewer, audience });
    for (const header of ["authorization", "x-serverless-authorization"]) {
      const headers = { [header]: `Bearer ${token}` };
      const answer = await fetch(`${api.url}/v1/services`, { headers });
      expect(await answer.json()).toMatchObject({ services: [] });
    }
  });

  test("tells CI whose token has no address how to get one", async () => {
    const email = "ci@acme.iam.gserviceaccount.com";
    const token = await api.mint({
      email,
      claims: { email: undefined, email_verified: undefined },
    });
    const answer = await fetch(`${api.url}/v1/services`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain("--include-email");
  });
});
