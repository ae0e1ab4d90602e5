import { expect, test } from "vitest";

import { choosePorts, ENDPOINTS } from "../../infra/local/ports.ts";

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
