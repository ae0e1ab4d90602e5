import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startIdentity } from "../../emulators/identity/server.ts";
import type { Identity } from "../../emulators/identity/server.ts";
import { askAs } from "../support/ask-as.ts";

let identity: Identity;
beforeAll(async () => {
  identity = await startIdentity();
});
afterAll(async () => {
  await identity.close();
});

const TOKEN = {
  method: "POST",
  body: JSON.stringify({ email: "ann@example.com", audience: "https://api.example.com" }),
};

async function mintAs(headers: Readonly<Record<string, string>>): Promise<number> {
  const { status, text } = await askAs(`${identity.url}/token`, headers, TOKEN);
  expect(text.includes("id_token")).toBe(status === 200);
  return status;
}

describe("an issuer of tokens", () => {
  test.each([
    "localhost",
    "LOCALHOST:8080",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.1.2.3:80",
    "[::1]:443",
  ])("answers who calls it %s", async (host) => {
    expect(await mintAs({ host })).toBe(200);
  });

  test.each([
    "evil.example.com",
    "evil.example.com:8080",
    "localhost.evil.example.com",
    "127.0.0.1.evil.example.com",
    "localhost@evil.example.com",
    "evil.example.com#localhost",
    "169.254.169.254",
    "0.0.0.0",
    "us-central1-run.googleapis.com",
  ])("gives nothing to who calls it %j", async (host) => {
    expect(await mintAs({ host })).toBe(403);
  });

  test.each(["https://evil.example.com", "null", "http://localhost.evil.example.com", "x"])(
    "gives nothing to a page of %s",
    async (origin) => {
      expect(await mintAs({ host: "localhost", origin })).toBe(403);
    },
  );

  test("answers a page of this machine", async () => {
    expect(await mintAs({ host: "localhost", origin: "http://127.0.0.1:3000" })).toBe(200);
  });
});
