import { expect, test } from "vitest";

import { choosePorts, ENDPOINTS, findPorts } from "../../infra/local/ports.ts";

/** Among the 18 ports from here on, `fetch` and browsers refuse 6665 to 6669. */
const FIRST_PORT = 6655;

async function isRefusedByFetch(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}`).then(
    () => false,
    (error: unknown) => error instanceof Error && String(error.cause).includes("bad port"),
  );
}

test("no endpoint gets a port that fetch and browsers refuse", async () => {
  const ports = await choosePorts(FIRST_PORT);

  const refused = await Promise.all(
    ENDPOINTS.map(async (endpoint) => isRefusedByFetch(ports[endpoint])),
  );

  expect(refused).toEqual(ENDPOINTS.map(() => false));
  expect(await isRefusedByFetch(6666)).toBe(true);
});

test("the other endpoints keep their place from the first port on", async () => {
  const ports = await choosePorts(FIRST_PORT);

  expect(ports.onImagePush).toBe(FIRST_PORT + ENDPOINTS.indexOf("onImagePush"));
});

test("processes with other ids look for free ports in other places", async () => {
  const found = await findPorts(20, []);

  expect(new Set(found).size).toBe(20);
  expect(new Set(found.map((port) => port % 16))).toEqual(new Set([process.pid % 16]));
});

test("a port that somebody else is to have is not found", async () => {
  const taken = Array.from({ length: 11_000 }, (_, index) => 10_000 + index);

  const found = await findPorts(20, taken);

  expect(Math.min(...found)).toBeGreaterThanOrEqual(21_000);
});
